"""The command ``ase-entropy``: finds what is to be run, and imports only that."""

from importlib import import_module

from ase_entropy import __version__
from ase_entropy.cli.parser import CommandParser, did_you_mean

__all__ = ['COMMANDS', 'run']

PROGRAM = 'ase-entropy'
COMMANDS = {
    'harvest': 'make a training set: configurations of high entropy',
    'unbiased': 'sample the reference: hot dynamics without entropy',
    'watch': 'follow a campaign that runs elsewhere',
    'info': 'summarize a set, or compute its entropy',
    'select': 'choose few of many configurations',
    'label': 'compute energies and forces of a set',
    'export': 'write a set for other programs',
    'report': 'compare sets: tables, figures, one page',
    'help': 'list the options of a command',
}
EXAMPLES = (
    'harvest --elements Al --cycles 1000 --db al.db',
    'select al.db -n 100 -o chosen.extxyz',
    'report al.db md.extxyz --reference md.extxyz',
)


def run(words: list[str]) -> None:
    """Run a command, or print what commands there are."""
    first = next((i for i, w in enumerate(words) if not w.startswith('-')), len(words))
    overview = _overview()
    options = overview.parse_words(words[:first])
    if options.version:
        print(f'{PROGRAM}-{__version__}')
        return
    name, *rest = words[first:] or ['help']
    if name == 'help':
        if not rest:
            overview.print_help()
            return
        name, rest = rest[0], ['--help']
    if name not in COMMANDS or name == 'help':
        overview.error(f'{name} is no command{did_you_mean(name, COMMANDS)}')
    command = import_module(f'ase_entropy.cli.{name}').CLICommand
    parser = CommandParser.of(f'{PROGRAM} {name}', command)
    args = parser.parse_words(rest)
    args.command, args.traceback = name, options.traceback
    from ase_entropy.cli.errors import run_in_one_sentence

    run_in_one_sentence(command.run, args, parser)


def _overview() -> CommandParser:
    """Return the parser of what stands before the command."""
    commands = ''.join(f'\n  {name:10}{line}' for name, line in COMMANDS.items())
    examples = ''.join(f'\n  {PROGRAM} {words}' for words in EXAMPLES)
    parser = CommandParser(
        PROGRAM,
        '[--version] [-T] COMMAND [options]',
        'Diverse training sets for interatomic potentials, by entropy.\n\n'
        f'commands:{commands}\n\nexamples:{examples}',
        f'{PROGRAM} COMMAND --help lists the options of a command.',
    )
    parser.add_argument('--version', action='store_true', help='print the version')
    parser.add_argument(
        '-T', '--traceback', action='store_true', help='where an error comes from'
    )
    return parser
