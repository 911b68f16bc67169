"""Options of a command in groups, and one sentence for words that are none of them."""

import argparse
import difflib
import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

__all__ = ['CommandParser', 'did_you_mean', 'json_dictionary']

GROUPS = (  # of options, in the order of the help
    'what',
    'how many',
    'rule',
    'what is left out',
    'labels',
    'size and shape',
    'entropy and energy',
    'entropy',
    'descriptor',
    'cycle',
    'engine',
    'output',
)
KINDS = {'int': 'a whole number', 'float': 'a number'}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question about the word that was meant, if one is near.

    Examples
    --------
    >>> did_you_mean('harvset', ['harvest', 'info'])
    ', did you mean harvest?'
    >>> did_you_mean('bake', ['harvest', 'info'])
    ''
    """
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f', did you mean {near[0]}?' if near else ''


class CommandParser(argparse.ArgumentParser):
    """Options of a command, added to its `groups`.

    Parameters
    ----------
    name : str
        What is typed for it.
    usage : str
        Its arguments, in short.
    description, epilog : str
        Paragraphs; what is indented keeps its lines.
    """

    def __init__(self, name: str, usage: str, description: str, epilog: str) -> None:
        super().__init__(
            name,
            usage=f'%(prog)s {usage}',
            description=description,
            epilog=epilog,
            formatter_class=_Formatter,
            add_help=False,
        )
        self.groups = {title: self.add_argument_group(title) for title in GROUPS}
        self.add_argument('-h', '--help', action='help', help=argparse.SUPPRESS)

    @classmethod
    def of(cls, name: str, command: Any) -> 'CommandParser':
        """Return the parser of a CLICommand, with all of its options."""
        first, _, rest = command.__doc__.partition('\n')
        examples = ''.join(f'\n  {name} {words}' for words in command.examples)
        parser = cls(
            name,
            command.usage,
            f'{first}\n{textwrap.dedent(rest)}'.strip(),
            f'examples:{examples}',
        )
        command.add_arguments(parser)
        return parser

    def option_names(self) -> dict[str, str]:
        """Return the options by the names of their values in Python."""
        names = {}
        for action in self._actions:
            if long := [word for word in action.option_strings if word[:2] == '--']:
                names[action.dest] = long[0]
                names |= {word[2:].replace('-', '_'): word for word in long}
        return names

    def parse_words(self, words: Sequence[str]) -> argparse.Namespace:
        """Return the values of the options, or exit with 2 and one sentence."""
        known = set(self.option_names().values())
        for word in words:
            if word == '--':
                break
            option = word.split('=')[0]
            if re.fullmatch(r'--\S+', option) and not any(
                name.startswith(option) for name in known
            ):
                self.error(f'{option} is no option{did_you_mean(option, known)}')
        return self.parse_args(words)

    def error(self, message: str) -> NoReturn:
        """Exit with 2, one sentence, and where to find the options."""
        for kind, name in KINDS.items():
            message = re.sub(
                rf'argument (\S+): invalid {kind} value: (.*)',
                rf'\1 \2: expected {name}',
                message,
            )
        message = message.removeprefix('argument ')
        self.exit(
            2,
            f'{self.prog}: error: {message}\n{self.prog} --help lists the options\n',
        )


class _Formatter(argparse.HelpFormatter):
    """Fill paragraphs; keep the lines of those that are indented."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        blocks = [
            block if '\n  ' in block else textwrap.fill(block, width)
            for block in text.split('\n\n')
        ]
        return '\n\n'.join(blocks)


def json_dictionary(option: str, text: str) -> dict:
    """Return the keyword arguments that an option gives as JSON."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(
            f'{option} {text}: expected JSON such as \'{{"xc": "PBE"}}\' ({error})'
        ) from error
    if not isinstance(found, dict):
        raise ValueError(
            f'{option} {text}: expected a dictionary such as \'{{"xc": "PBE"}}\''
        )
    return found
