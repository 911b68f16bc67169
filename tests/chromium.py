"""Chromium without a window, where it is installed."""

import contextlib
import os
import shutil
import signal
import subprocess

PROGRAM = shutil.which('chromium') or shutil.which('chromium-browser')
OPTIONS = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--enable-logging=stderr',
    '--hide-scrollbars',
]
PATIENCE = 60  # seconds; it starts in two, or hangs for ever


def run(folder, *options):
    """Return what Chromium writes to stdout and stderr; start it again if it hangs."""
    for attempt in range(3):
        out, err = folder / f'out{attempt}', folder / f'err{attempt}'
        command = [PROGRAM, *OPTIONS, f'--user-data-dir={folder / f"user{attempt}"}']
        with open(out, 'w') as stdout, open(err, 'w') as stderr:
            process = subprocess.Popen(
                [*command, *map(str, options)],
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                code = None
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if code == 0:
            return out.read_text(), err.read_text()
    raise AssertionError(f'chromium: exit code {code}\n{err.read_text()}')
