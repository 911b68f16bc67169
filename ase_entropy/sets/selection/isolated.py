"""Isolated atoms: what energies are counted from, and so never redundant."""

from typing import Any

import numpy as np
from ase import Atoms

from ase_entropy.descriptors import describe
from ase_entropy.sets.selection.duplicates import near_duplicates, not_given
from ase_entropy.sets.selection.environments import Environments
from ase_entropy.sets.selection.rules.greedy import Budget, Ranking

__all__ = ['are_lonely', 'is_isolated', 'rank_around_isolated', 'redundant']

ROUNDING = 1e-9  # relative, of descriptors


def are_lonely(dataset: Any) -> np.ndarray:
    """Return which environments have no neighbor within the cutoff, (e,) bool.

    Those with the descriptor of an isolated atom of their element.

    Parameters
    ----------
    dataset : Dataset
        A set, with its descriptor.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from ase_entropy.descriptors import Bispectrum
    >>> own = Bispectrum(components=6)
    >>> q_ek = np.concatenate([describe(own, Atoms('W2', [(0, 0, 0), (x, 0, 0)]))[0]
    ...                        for x in (3.0, 30.0)])
    >>> pair, numbers_e = SimpleNamespace(descriptor=own, q_ek=q_ek), 4 * [74]
    >>> pair.numbers_e = np.array(numbers_e)
    >>> are_lonely(pair)
    array([False, False,  True,  True])
    """
    lonely_e = np.zeros(len(dataset.q_ek), bool)
    for z in np.unique(dataset.numbers_e).tolist():
        own_e = dataset.numbers_e == z
        try:
            alone_k = describe(dataset.descriptor, Atoms([z]))[0][0]
        except ValueError:  # then the set has none
            continue
        for q_e, alone in zip(dataset.q_ek.T, alone_k, strict=True):  # less memory
            own_e &= np.abs(q_e - alone) <= ROUNDING * (1.0 + abs(alone))
        lonely_e |= own_e
    return lonely_e


def is_isolated(dataset: Any) -> np.ndarray:
    """Return which configurations are an atom without neighbors, (m,) bool."""
    return are_lonely(dataset)[dataset.first_m[:-1]] & (np.diff(dataset.first_m) == 1)


def redundant(pool: Any, isolated_m: np.ndarray, tolerance: float) -> np.ndarray:
    """Return what is kept for each configuration, as :func:`near_duplicates`, (m,).

    Isolated atoms stay, and nothing goes for them: a dimer that is stretched to the
    cutoff has their descriptors.

    Examples
    --------
    >>> pool = Environments([[0.0], [0.0], [9.0], [9.0]], range(5), 4 * [74])
    >>> redundant(pool, np.array([True, True, False, False]), 0.1)
    array([0, 1, 2, 2])
    """
    kept_m, others_m = np.arange(len(isolated_m)), np.flatnonzero(~isolated_m)
    if len(others_m):
        own = near_duplicates(Environments.of(pool).part(others_m), tolerance)
        kept_m[others_m] = others_m[own]
    return kept_m


def rank_around_isolated(
    rule: Any,
    pool: Any,
    isolated_m: np.ndarray,
    *,
    number: int | None = None,
    atoms: int | None = None,
    given: Any = None,
) -> Ranking:
    """Return the choice of a rule, after the isolated atoms of the pool.

    These come first, one of each element before others, without gains, and count; but
    not those that are given.

    Parameters
    ----------
    rule : FarthestPoint, LogDet, ...
        Ranks the others.
    pool, number, atoms, given
        As for :meth:`FarthestPoint.rank`.
    isolated_m : (m,) bool array
        Which configurations of the pool are isolated atoms.

    Raises
    ------
    ValueError
        As :meth:`FarthestPoint.rank`.

    Examples
    --------
    >>> from ase_entropy.sets.selection import FarthestPoint
    >>> pool = Environments([[0.0], [1.0], [2.0], [9.0]], range(5), 4 * [74])
    >>> isolated_m = np.array([False, True, False, False])
    >>> ranking = rank_around_isolated(FarthestPoint(), pool, isolated_m, number=2)
    >>> ranking.chosen_r, ranking.gain_r[0]
    (array([1, 3]), np.float64(nan))
    """
    if not isolated_m.any():
        return rule.rank(pool, number=number, atoms=atoms, given=given)
    pool, given = Environments.both(pool, given)
    Budget(pool.sizes_m, number, atoms)  # of all
    isolated = np.flatnonzero(isolated_m)
    isolated = isolated[not_given(pool.part(isolated), given)]
    _, first = np.unique(pool.numbers_e[pool.first_m[isolated]], return_index=True)
    kept = [*isolated[np.sort(first)], *np.delete(isolated, first)]
    kept = np.array(kept[: atoms if number is None else number], int)
    others = np.flatnonzero(~isolated_m)
    left = {'number': number, 'atoms': atoms}
    left = {name: x - len(kept) for name, x in left.items() if x is not None}
    if len(others) and min(left.values()) > 0:
        left = {name: min(x, _there(pool, others, name)) for name, x in left.items()}
        found = rule.rank(pool.part(others), given=given, **left)
        chosen, gain_r = others[found.chosen_r], found.gain_r
    else:
        chosen, gain_r = np.empty(0, int), np.empty(0)
    return Ranking(
        np.concatenate([kept, chosen]),
        np.concatenate([np.full(len(kept), np.nan), gain_r]),
    )


def _there(pool: Environments, others: np.ndarray, name: str) -> int:
    return len(others) if name == 'number' else int(pool.sizes_m[others].sum())
