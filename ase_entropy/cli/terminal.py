"""Lines on the terminal, and the same in a log file."""

import os
import re
import shutil
import sys
from pathlib import Path

from ase_entropy.campaign.engines.progress import EachPercent, Progress
from ase_entropy.store.escaping import visible

__all__ = ['Terminal', 'check_logfile', 'discard_output']

STREAMS = ('/dev/stdout', '/dev/stderr')
DEVICES = re.compile(r'/dev/(null|full|console|tty\w*|pts/\d+)')


def discard_output() -> None:
    """Discard all further output, when the program that read it has ended."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def check_logfile(name: str) -> None:
    """Check that lines can be appended; to open a pipe would wait for its reader.

    Raises
    ------
    ValueError
        A pipe, a socket, a device that is no terminal, or a folder that is not there.
    """
    path = Path(name)
    is_plain = path.is_file() or path.is_dir() or not path.exists()
    known = name in STREAMS or DEVICES.fullmatch(str(path.resolve()))
    if not (is_plain or known):
        raise ValueError(
            f'--logfile={name}: is a device, pipe or socket, expected a file, a '
            'terminal, /dev/null, /dev/stdout or /dev/stderr'
        )
    place = path if path.exists() else path.resolve().parent
    if path.is_dir() or not os.access(place, os.W_OK):
        raise ValueError(
            f'--logfile={name}: cannot be written, expected a file name in a folder '
            'that exists'
        )


class Terminal:
    """One line that is refreshed on a terminal; plain lines in a file or pipe.

    A pipe gets the state for each percent, the log file the line of every row.

    Parameters
    ----------
    logfile : str, optional
        Every line is appended to it.

    Raises
    ------
    ValueError
        The file cannot be written.
    """

    def __init__(self, logfile: str | None) -> None:
        try:
            self.log = open(logfile, 'a', encoding='utf-8') if logfile else None
        except OSError as error:
            raise ValueError(
                f'--logfile={logfile}: cannot be written ({error.strerror}), expected '
                'a file name in a folder that exists'
            ) from error
        self.refreshes = sys.stdout.isatty()
        self.open_line = False
        self.each_percent = EachPercent(lambda line: self._print(f'{line}\n'))

    def __enter__(self) -> 'Terminal':
        return self

    def __exit__(self, *error: object) -> None:
        self._close_line()
        if self.log is not None:
            self.log.close()

    def report(self, line: str) -> None:
        """Print a line that stays."""
        self._close_line()
        self._print(f'{visible(line)}\n')
        self._write(visible(line))

    def show(self, line: str, progress: Progress) -> None:
        """Print or refresh the state of all rows, and log the line of one."""
        if self.refreshes:
            width = shutil.get_terminal_size().columns - 1
            self._print(f'\r\x1b[K{progress.line(width)}')
            self.open_line = True
        else:
            self.each_percent(line, progress)
        self._write(visible(line))

    def _print(self, text: str) -> None:
        try:
            print(text, end='', flush=True)
        except OSError:  # nobody reads on, or its disk is full; work goes on
            discard_output()

    def _write(self, line: str) -> None:
        if self.log is None:
            return
        try:
            print(line, file=self.log, flush=True)
        except OSError as error:  # the rows matter more
            broken, self.log = self.log, None
            self.report(f'--logfile {broken.name} ends here: {error}')

    def _close_line(self) -> None:
        if self.open_line:
            self._print('\n')
            self.open_line = False
