"""Which elements are anions in a compound.

Atoms of chlorine are 2.0 Angstrom apart in their molecule, and 4.0 in rock salt; those
of oxygen 1.2 in their molecule, and 2.6 in quartz.
"""

from collections.abc import Collection

__all__ = ['is_anion', 'partners']

# Nonmetals that are anions beside a metal, and with which others they share electrons
# instead, as sulfur in a sulfate.
ANIONS = {
    'H': ('C', 'N', 'O', 'F', 'P', 'S', 'Cl', 'Se', 'Br', 'I'),
    'N': ('O', 'F'),
    'O': (),
    'F': (),
    'P': ('N', 'O', 'F', 'S', 'Cl', 'Se'),
    'S': ('O', 'F'),
    'Cl': (),
    'Se': ('O', 'F'),
    'Br': (),
    'I': (),
}
OTHERS = ('C', 'He', 'Ne', 'Ar', 'Kr', 'Xe', 'Rn')  # that are no metals


def is_anion(symbol: str, species: Collection[str]) -> bool:
    """Return whether an element is an anion among others.

    Examples
    --------
    >>> is_anion('O', ['Si', 'O']), is_anion('O', ['C', 'O'])
    (True, False)
    >>> is_anion('S', ['Mo', 'S']), is_anion('S', ['Na', 'S', 'O'])
    (True, False)
    """
    if symbol not in ANIONS or not set(ANIONS[symbol]).isdisjoint(species):
        return False
    return any(x not in ANIONS and x not in OTHERS for x in species)


def partners(symbol: str, species: Collection[str]) -> list[str]:
    """Return the elements around which an anion stands; none if it is no anion.

    Examples
    --------
    >>> partners('O', ['Na', 'S', 'O', 'H']), partners('S', ['Na', 'S', 'O'])
    (['Na', 'S'], [])
    """
    if not is_anion(symbol, species):
        return []
    return [x for x in species if x != 'H' and not is_anion(x, species)]
