"""Configurations of one element as those of another: all lengths scaled."""

from ase import Atoms
from ase.data import chemical_symbols

from ase_entropy import checks
from ase_entropy.chemistry import Sizes, radius

__all__ = ['rescale', 'scale_of']


def scale_of(element: str) -> float:
    """Return the size of an element's atoms over that of tungsten's.

    The ratio of the distances of nearest neighbors: with it, all lengths for tungsten
    become those of the element, see :class:`~ase_entropy.chemistry.Sizes`.

    Raises
    ------
    ValueError
        Not a chemical symbol, or an element without a size.

    Examples
    --------
    >>> round(scale_of('Cu'), 3)
    0.933
    """
    radius('element', element)  # or an error
    return Sizes((element,)).scale(element)


def rescale(atoms: Atoms, element: str, scale: float | None = None) -> Atoms:
    """Return a configuration of another element: the same one, at another size.

    Descriptors and entropy are those of before, if their cutoff is scaled alike, as
    the paper suggests: one harvest serves all elements.

    Parameters
    ----------
    atoms : Atoms
        Atoms of a single element.
    element : str
        Symbol of the other.
    scale : float, optional
        Factor for all lengths. By default the ratio of the two, see :func:`scale_of`.

    Raises
    ------
    ValueError
        Several elements and no scale, or one without a radius; a scale outside 0.01
        to 100; no symbol.

    Examples
    --------
    >>> tungsten = Atoms('W2', [(0, 0, 0), (2.7, 0, 0)])
    >>> float(rescale(tungsten, 'Cu').get_distance(0, 1).round(3))
    2.518
    """
    if element not in chemical_symbols[1:]:
        raise ValueError(f'element={element!r}: expected a chemical symbol, such as Cu')
    if scale is None:
        elements = sorted(set(atoms.symbols))
        if len(elements) != 1:
            raise ValueError(f'scale=None and the atoms hold {elements}: expected one')
        scale = scale_of(element) / scale_of(elements[0])
    checks.real('scale', scale, least=0.01, most=100.0)
    scaled = Atoms(cell=scale * atoms.cell[:], pbc=atoms.pbc)
    scaled.extend(Atoms(len(atoms) * [element], scale * atoms.positions))
    return scaled
