"""How a command ends when something is wrong, in words of the command line."""

import argparse
import contextlib
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping

from ase_entropy.cli.parser import CommandParser
from ase_entropy.cli.terminal import discard_output
from ase_entropy.store.escaping import visible
from ase_entropy.store.servers import without_passwords_of
from ase_entropy.store.transactions import database_errors

__all__ = ['in_words_of_options', 'run_in_one_sentence']

FILES = ('db', 'file', 'folder', 'path')  # names of values that speak for themselves
NAMED = re.compile(r"(?<![\w.-])(\w+)=(?:'([^']*)'|(True|None))?")


def run_in_one_sentence(
    run: Callable, args: argparse.Namespace, parser: CommandParser
) -> None:
    """Run a command, its errors as one sentence; ``-T`` shows the traceback instead.

    Bad input exits with 2, a run that cannot go on with 1, Ctrl-C and SIGTERM with 130.
    """
    try:
        with _terminable():
            run(args)
        sys.stdout.flush()
    except KeyboardInterrupt:  # before or after the work that says so itself
        print('interrupted', file=sys.stderr)
        raise SystemExit(130) from None
    except BrokenPipeError:  # as after | head
        discard_output()
    except Exception as error:
        if args.traceback:
            raise
        sentence = _sentence(error, args, parser)
        if isinstance(error, (ValueError, *database_errors())):
            parser.exit(2, f'{parser.prog}: error: {sentence}\n')
        if isinstance(error, RuntimeError):
            raise SystemExit(f'{parser.prog}: {sentence}') from error
        parser.exit(
            2,
            f'{parser.prog}: error: {type(error).__name__}: {sentence}\n'
            f'ase-entropy -T {args.command} ... shows where it comes from\n',
        )


def in_words_of_options(
    text: str, options: Mapping[str, str], words: list[str] | tuple = ()
) -> str:
    """Return a sentence of the library with options in place of its parameters.

    Parameters
    ----------
    text : str
        A sentence.
    options : dict
        Options by the names of parameters.
    words : list of str
        What the user wrote, and keeps as it is.

    Examples
    --------
    >>> options = {'number': '--number', 'overwrite': '--overwrite'}
    >>> in_words_of_options('number=9: expected at most 3', options)
    '--number 9: expected at most 3'
    >>> text = "path='x.db': is there already, expected a new name, or overwrite=True"
    >>> in_words_of_options(text, options)
    'x.db: is there already, expected a new name, or --overwrite'
    """

    def replaced(match: re.Match) -> str:
        name, quoted, constant = match.groups()
        if any(match[0] in word for word in words):
            return match[0]
        if name in FILES and quoted is not None:
            return quoted
        if name not in options:
            return match[0]
        if constant:
            return f'no {options[name]}' if constant == 'None' else options[name]
        return f'{options[name]} {quoted or ""}'

    text = re.sub(r'\w+=True \((--[\w-]+)\)', r'\1', text)  # named for us
    text = NAMED.sub(replaced, text)
    text = re.sub(r'(--[\w-]+): \1 ', r'\1 ', text)  # what is named twice
    return re.sub(r'(?<!\S)(\S.*?): \1: ', r'\1: ', text)


def _sentence(error: Exception, args: argparse.Namespace, parser: CommandParser) -> str:
    """Return an error as one line for the terminal, without passwords."""
    text = ' '.join(str(error).split())
    words = []
    for value in vars(args).values():
        words += map(str, value if isinstance(value, list) else [value])
    for word in words:
        text = without_passwords_of(word, text)
    return visible(in_words_of_options(text, parser.option_names(), words))


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Take SIGTERM, which queues send before they kill, for Ctrl-C.

    Also where Ctrl-C is ignored, as in a script that starts this with ``&``.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
