"""Words for elements, and the symbols that were meant."""

import difflib
import re
from collections.abc import Sequence

from ase.data import atomic_names, chemical_symbols
from ase.formula import Formula

from ase_entropy import checks

__all__ = ['check_elements', 'elements_meant']

NEAR = 0.85  # similarity of names: aluminum, aluminium


def check_elements(words: Sequence[str]) -> None:
    """Raise ValueError for words that are no symbols, with those that were meant."""
    meant = elements_meant(words)
    if meant and not set(words) <= set(chemical_symbols):
        raise ValueError(
            f'--elements {",".join(words)}: did you mean {",".join(meant)}?'
        )
    checks.symbols('--elements', words)


def elements_meant(words: Sequence[str]) -> list[str]:
    """Return the symbols that words for elements stand for; none if that is unclear.

    Examples
    --------
    >>> [elements_meant([word]) for word in ('al', 'Aluminum', 'NiAl', 'ni-al')]
    [['Al'], ['Al'], ['Ni', 'Al'], ['Ni', 'Al']]
    >>> elements_meant(['Al', 'steel'])
    []
    """
    found: list[str] = []
    for word in re.split(r'[^A-Za-z0-9]+', ','.join(words)):
        symbols = _symbols_of_word(word)
        if not symbols:
            return []
        found += symbols
    return list(dict.fromkeys(found))


def _symbols_of_word(word: str) -> list[str]:
    names = {name.lower(): n for n, name in enumerate(atomic_names) if n}
    if word.capitalize() in chemical_symbols[1:]:
        return [word.capitalize()]
    if near := difflib.get_close_matches(word.lower(), names, n=1, cutoff=NEAR):
        return [chemical_symbols[names[near[0]]]]
    try:
        found = list(Formula(word).count())
    except ValueError:
        return []
    return found if set(found) <= set(chemical_symbols[1:]) else []
