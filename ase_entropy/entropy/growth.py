r"""How much a configuration adds to the entropy of a set that grows.

.. math:: g = \frac{\mathrm dS}{\mathrm d \ln N}

in nats: the slope of S of the whole set when it grows by configurations like this one.
Above zero the set gets more diverse, below it gets more of what it has. Summaries of
the set are all that is needed: its moments, or some of its environments.
"""

from dataclasses import dataclass, replace

import numpy as np
from ase.data import atomic_numbers, chemical_symbols

from ase_entropy import checks
from ase_entropy.entropy.summaries import GaussianSummary, LandmarkSummary, summaries
from ase_entropy.parts import part_from_dict, part_to_dict

__all__ = ['SetSummary']


@dataclass(frozen=True)
class SetSummary:
    r"""Summaries of a set, one for each element, and what a configuration adds to it.

    .. math:: S = \sum_e \frac{N_e}{N} S_e, \qquad g = \sum_e \frac{n_e}{n} g_e

    An element that the set does not have yet makes the gain inf: there is nothing to
    compare with, and a configuration that has it belongs into the set.

    Floating-point sums depend on their order: add configurations one after the other,
    in the order of cycles, and the same set has the same summary.

    Parameters
    ----------
    empty : GaussianSummary or LandmarkSummary
        Summary of an element that is not there yet: its scale and other options.
    per_configuration : bool
        The points are mean descriptors of the atoms of each element in a configuration,
        one for each, instead of environments.
    elements : tuple of pairs
        Atomic numbers and summaries, sorted.

    Examples
    --------
    >>> summary = SetSummary(GaussianSummary()).add([[0.0], [1.0]], [13, 13])
    >>> gain, _ = summary.gain([[9.0]], [13])
    >>> gain > 0, summary.gain([[9.0]], [28])[0]
    (True, inf)
    >>> SetSummary.fromdict(summary.todict()) == summary
    True
    """

    empty: GaussianSummary | LandmarkSummary = GaussianSummary()
    per_configuration: bool = False
    elements: tuple = ()

    def __post_init__(self) -> None:
        checks.instance('empty', self.empty, tuple(summaries.values()))
        checks.instance('per_configuration', self.per_configuration, bool)

    @property
    def entropy(self) -> float:
        """S (nats); of a set without configurations, nan."""
        counts = [own.count for _, own in self.elements]
        if not counts:
            return float('nan')
        return float(np.average([own.entropy for _, own in self.elements], 0, counts))

    def add(self, q_nk: np.ndarray, numbers_n: np.ndarray) -> 'SetSummary':
        """Return the summary of a set that has this configuration as well.

        Parameters
        ----------
        q_nk : (n, k) float array
            Descriptors of its atoms.
        numbers_n : (n,) int array
            Their atomic numbers.
        """
        elements = dict(self.elements)
        for number, _, points_mk in self._parts(q_nk, numbers_n):
            elements[number] = elements.get(number, self.empty).add(points_mk)
        return replace(self, elements=tuple(sorted(elements.items())))

    def gain(self, q_nk: np.ndarray, numbers_n: np.ndarray) -> tuple[float, np.ndarray]:
        """Return dS/d ln N of the set if it grows by this configuration.

        Parameters
        ----------
        q_nk, numbers_n
            As in :meth:`add`.

        Returns
        -------
        gain : float
            g (nats); inf if it has an element that the set has not.
        dgain_dq_nk : (n, k) float array
            Gradient (nats per descriptor unit).
        """
        elements, parts = dict(self.elements), self._parts(q_nk, numbers_n)
        points = sum(len(points_mk) for *_, points_mk in parts)
        gain, dgain_dq_nk = 0.0, np.zeros(np.shape(q_nk))
        for number, own_n, points_mk in parts:
            value, slope_mk = elements.get(number, self.empty).gain(points_mk)
            weight = len(points_mk) / points
            gain += weight * value
            share = len(points_mk) / own_n.sum()  # of an atom in its point
            dgain_dq_nk[own_n] = weight * share * slope_mk
        return float(gain), dgain_dq_nk

    def _parts(self, q_nk, numbers_n) -> list[tuple[int, np.ndarray, np.ndarray]]:
        """Return number, atoms and points of each element."""
        q_nk, numbers_n = checks.matrix('q_nk', q_nk), np.asarray(numbers_n)
        if numbers_n.shape != q_nk.shape[:1]:
            raise ValueError(
                f'numbers_n has shape {numbers_n.shape}: expected {q_nk.shape[:1]}, a '
                'number for each row of q_nk'
            )
        parts = []
        for number in np.unique(numbers_n).tolist():
            own_n = numbers_n == number
            points_mk = q_nk[own_n]
            if self.per_configuration:
                points_mk = points_mk.mean(axis=0, keepdims=True)
            parts.append((number, own_n, points_mk))
        return parts

    def todict(self) -> dict:
        """Return what :meth:`fromdict` makes the same summary of."""
        return {
            'empty': part_to_dict(self.empty),
            'per_configuration': self.per_configuration,
            'elements': {
                chemical_symbols[number]: part_to_dict(own)
                for number, own in self.elements
            },
        }

    @classmethod
    def fromdict(cls, dct: dict) -> 'SetSummary':
        """Rebuild a summary, also after a trip through JSON."""
        elements = {
            atomic_numbers[symbol]: part_from_dict(own, summaries)
            for symbol, own in dct['elements'].items()
        }
        empty = part_from_dict(dct['empty'], summaries)
        return cls(empty, dct['per_configuration'], tuple(sorted(elements.items())))
