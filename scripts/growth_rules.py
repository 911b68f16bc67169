"""Ways in which a set grows: what is accepted of a pool, round by round."""

from dataclasses import dataclass

import numpy as np
from ase import Atoms
from transfer_bench import read_frames

from ase_entropy import Bispectrum
from ase_entropy.descriptors.wigner import triples
from ase_entropy.entropy import GaussianSummary, LandmarkSummary, SetSummary
from ase_entropy.pairs import find_pairs

__all__ = ['Rule', 'Scale', 'choose', 'rules']

TWOJMAX = {6: 3, 14: 4, 30: 6, 55: 8}  # of so many components


@dataclass(frozen=True)
class Rule:
    """How a set grows: what is measured, and how much of it is accepted.

    Parameters
    ----------
    summary : str
        'log-det', 'landmarks', or '' for none: everything is accepted.
    components : int
        Of the descriptor.
    share : float
        Share of each round that is accepted; 0 for what has a gain above 0.
    per_configuration : bool
        See :class:`SetSummary`.
    power : int
        The gain is multiplied by the number of atoms to this power.
    round : int
        Configurations that see the same summary.
    """

    summary: str = ''
    components: int = 14
    share: float = 1.0
    per_configuration: bool = False
    power: int = 0
    round: int = 25

    def __str__(self) -> str:
        if not self.summary:
            return 'no global entropy'
        points = ' of configurations' if self.per_configuration else ''
        kept = f'best {self.share:g}' if self.share else 'gain > 0'
        power = {0: '', 1: ', gain times atoms', -1: ', gain per atom'}[self.power]
        rounds = '' if self.round == 25 else f', rounds of {self.round}'
        return f'{self.summary}{points}, {self.components}, {kept}{power}{rounds}'

    def accept(self, gain_m) -> np.ndarray:
        """Return which of a round are accepted, by their place in it."""
        if not self.share:
            return np.flatnonzero(gain_m > 0.0)
        best = np.argsort(-gain_m, kind='stable')[: round(self.share * len(gain_m))]
        return np.sort(best)


def rules() -> list[Rule]:
    """Return all ways that are compared."""
    kinds = [('log-det', False), ('log-det', True), ('landmarks', False)]
    main = [
        Rule(summary, components, share, per_configuration)
        for summary, per_configuration in kinds
        for components, share in ((6, 0.25), (14, 0.25), (30, 0.25), (14, 0.5), (14, 0))
    ]
    more = [
        Rule('landmarks', 14, 0.25, True),
        Rule('log-det', 14, 0.25, power=1),
        Rule('log-det', 14, 0.25, True, power=-1),
        Rule('log-det', 14, 0.25, round=50),
        Rule('landmarks', 14, 0.25, round=50),
        Rule('landmarks', 6, 0.5),
        Rule('landmarks', 6, 0.75),
        Rule('log-det', 6, 0.75, True),
    ]
    return [Rule(), *main, *more]


class Scale:
    """Descriptors of environments, 55 bispectrum components, and their scale."""

    def __init__(self, element: str, file: str) -> None:
        self.descriptor = Bispectrum.of(element, twojmax=TWOJMAX[55])
        every = read_frames(file, [element])[:300]
        self.scale_k = np.concatenate([self.describe(a) for a in every]).std(axis=0)

    def describe(self, atoms: Atoms) -> np.ndarray:
        """Return all components of the atoms."""
        return self.descriptor.evaluate(find_pairs(atoms, self.descriptor.cutoff))[0]

    def columns(self, components: int) -> np.ndarray:
        """Return which of the components a descriptor with less of them has."""
        fewer = triples(TWOJMAX[components])[:components]
        return np.array([triples(TWOJMAX[55]).index(triple) for triple in fewer])

    def empty(self, rule: Rule) -> SetSummary:
        """Return the summary of an empty set."""
        scale_k = self.scale_k[self.columns(rule.components)]
        kind = GaussianSummary if rule.summary == 'log-det' else LandmarkSummary
        return SetSummary(kind(scale_k), rule.per_configuration)


def choose(source, rule, scale, order, sizes) -> dict[int, tuple[np.ndarray, float]]:
    """Return sets of so many atoms, and the share that they are of what was tried.

    To half a configuration; those are missing for which the order is too short.
    """
    chosen, found, made = [], {}, 0
    columns = scale.columns(rule.components)
    summary = scale.empty(rule) if rule.summary else None
    for first in range(0, len(order), rule.round):
        if len(found) == len(sizes):
            break
        members = order[first : first + rule.round]
        numbers = [np.ones(source.sizes_m[m], int) for m in members]
        q_m = [source.q_m[m][:, columns] for m in members]
        accepted = np.arange(len(members))
        if rule.summary:
            if first:  # an empty set has nothing to choose by
                gains = [
                    summary.gain(*pair)[0] for pair in zip(q_m, numbers, strict=True)
                ]
                power_m = source.sizes_m[members].astype(float) ** rule.power
                accepted = rule.accept(gains * power_m)
            for place in accepted:
                summary = summary.add(q_m[place], numbers[place])
        chosen += members[accepted].tolist()
        made += source.sizes_m[members].sum()
        total_m = np.cumsum(source.sizes_m[chosen])
        for atoms in set(sizes) - set(found):
            if total_m[-1] >= atoms:
                kept = chosen[: 1 + np.argmin(np.abs(total_m - atoms))]
                found[atoms] = np.array(kept), float(total_m[-1] / made)
    return found
