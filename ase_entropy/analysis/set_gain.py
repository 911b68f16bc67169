"""What a set adds to another one."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from ase.data import chemical_symbols

from ase_entropy.analysis.kernel_density import (
    after,
    check_bandwidth,
    log_kernel_densities,
)
from ase_entropy.analysis.parts import PARTS, Estimate, Parts
from ase_entropy.analysis.scaling import ReferenceScale
from ase_entropy.analysis.set_entropy import (
    Gaussian,
    SetEntropy,
    set_entropies,
)
from ase_entropy.analysis.surrogate import nearest_distances

__all__ = ['SetGain', 'set_gains']


class SetGain(NamedTuple):
    """What environments of one set add to another one.

    Parameters
    ----------
    environments : int
        How many there are.
    log_det : Estimate
        Entropy of both sets together less that of the other one (nats).
    cross_entropy : Estimate
        Mean of minus the logarithm of the density of the other set (nats).
    excess : Estimate
        The same less the entropy of the other set (nats): zero for more of the same,
        positive for what is rare or missing there.
    distance : Estimate
        Mean distance to the nearest environment of the other set (deviations of it).
    """

    environments: int
    log_det: Estimate
    cross_entropy: Estimate
    excess: Estimate
    distance: Estimate


class _Terms(NamedTuple):
    """Numbers of the environments of A (a) and B (e) of an element."""

    gain_a: np.ndarray
    gain_e: np.ndarray
    cross_e: np.ndarray
    entropy: Estimate  # of A


def set_gains(
    a: tuple[np.ndarray, np.ndarray, np.ndarray],
    b: tuple[np.ndarray, np.ndarray, np.ndarray],
    reference_ek: np.ndarray | ReferenceScale | None = None,
    *,
    entropies: dict[str, SetEntropy] | None = None,
    bandwidth: float | str = 'silverman',
    parts: int = PARTS,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> dict[str, SetGain]:
    r"""Return what a set B adds to a set A, of all and of each element.

    .. math::

        G = \sum_z \frac{N_z^{AB}}{N^{AB}} \big[S_z(A \cup B) - S_z(A)\big], \qquad
        H(B|A) = -\frac1{N^B} \sum_{j \in B} \ln \rho_A(\mathbf q_j)

    with the entropies of Gaussians that have the covariances of the environments, and
    with the kernel density of A, for each element. Gains of each element add up: first
    B, then C to both, is B and C to A. The first sees spread only: environments in a
    gap of A gain nothing by it, but are rare by the second.

    Elements that occur in one of the sets only, or once in A, are left out.

    Parameters
    ----------
    a, b : tuples of (q_ek, first_m, numbers_e)
        Environments of a set, one configuration after the other; where configurations
        begin, and the number of environments; the atomic number of each environment.
    reference_ek : (e, k) float array or ReferenceScale, optional
        Components are counted in their deviations there; by default in A.
    entropies : dict of SetEntropy, optional
        Those of A, as :func:`set_entropies` returns them for the same scale and
        options; by default they are worked out.
    bandwidth, parts, workers, progress
        As in :func:`set_entropies`; Silverman's bandwidth is that of A, and those that
        are done are environments of B.

    Returns
    -------
    dict of SetGain
        By ``'all'`` and chemical symbols.

    Raises
    ------
    ValueError
        As :func:`set_entropies`; sets without an element in common.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a = rng.standard_normal((1000, 2)), range(1001), np.full(1000, 13)
    >>> same = rng.standard_normal((500, 2)), range(501), np.full(500, 13)
    >>> other = same[0] + 5.0, *same[1:]
    >>> more, new = (set_gains(a, b)['all'] for b in (same, other))
    >>> abs(more.log_det.value) < 0.1, abs(more.excess.value) < 0.1
    (True, True)
    >>> new.log_det.value > 1.0, new.excess.value > 10.0
    (True, True)
    """
    check_bandwidth(bandwidth)
    scale = a[0] if reference_ek is None else reference_ek
    if not isinstance(scale, ReferenceScale):
        scale = ReferenceScale.of(scale, a[0], b[0])
    own, new = Parts.of(*a, scale, parts), Parts.of(*b, scale, parts)
    count = {z: int((own.numbers_e == z).sum()) for z in own.elements}
    elements = [z for z in new.elements if count.get(z, 0) > 1]
    if not elements:
        names = [
            ', '.join(chemical_symbols[z] for z in several.elements)
            for several in (own, new)
        ]
        raise ValueError(
            f'one set holds {names[0]}, the other {names[1]}: expected an element in '
            'common, with two environments or more in the first'
        )
    if entropies is None:
        entropies = set_entropies(
            *a, scale, bandwidth=bandwidth, parts=parts, workers=workers
        )
    terms, done = {}, 0
    for z in elements:
        x_ak, x_ek = (s.x_ek[s.numbers_e == z] for s in (own, new))
        log_density_e = log_kernel_densities(
            x_ek,
            x_ak,
            bandwidth=bandwidth,
            workers=workers,
            progress=after(done, progress),
        )
        entropy = entropies[chemical_symbols[z]].kernel
        terms[z] = _Terms(*_gain_terms(x_ak, x_ek), -log_density_e, entropy)
        done += len(x_ek)
    distance_e = nearest_distances(
        a[0],
        b[0],
        scale,
        train_numbers_e=own.numbers_e,
        test_numbers_e=new.numbers_e,
        workers=workers,
    )
    several = [('all', elements), *((chemical_symbols[z], [z]) for z in elements)]
    return {
        name: _joined(own, new, {z: terms[z] for z in chosen}, distance_e)
        for name, chosen in several
    }


def _gain_terms(x_ak: np.ndarray, x_ek: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of A and of B, the sum of whose means is S(A and B) - S(A)."""
    alone = Gaussian.of(x_ak)
    both = Gaussian.of(x_ek, alone.moments)
    share = len(x_ak) / both.moments.count
    gain_a = share * both.terms(x_ak) - alone.terms(x_ak)
    return gain_a, (1.0 - share) * both.terms(x_ek)


def _joined(
    own: Parts, new: Parts, terms: dict[int, _Terms], distance_e: np.ndarray
) -> SetGain:
    """Return numbers of some elements together, from those of each."""
    points_a = sum(len(t.gain_a) for t in terms.values())
    points_e = sum(len(t.gain_e) for t in terms.values())
    gain, variance = 0.0, 0.0
    v_a, v_e = own.nothing(), new.nothing()  # what each adds to the gain
    cross_e, excess_e = new.nothing(), new.nothing()
    for z, t in terms.items():
        n_a, n_e = len(t.gain_a), len(t.gain_e)
        share = (n_a + n_e) / (points_a + points_e)
        gain += share * (t.gain_a.mean() + t.gain_e.mean())
        in_a, in_e = own.numbers_e == z, new.numbers_e == z
        v_a[in_a] = share * points_a / n_a * (t.gain_a - t.gain_a.mean())
        v_e[in_e] = share * points_e / n_e * (t.gain_e - t.gain_e.mean())
        cross_e[in_e], excess_e[in_e] = t.cross_e, t.cross_e - t.entropy.value
        variance += (n_e / points_e * t.entropy.error) ** 2
    excess = new.estimate(excess_e)
    return SetGain(
        points_e,
        Estimate(float(gain), float(np.hypot(own.error(v_a), new.error(v_e)))),
        new.estimate(cross_e),
        Estimate(excess.value, float(np.hypot(excess.error, variance**0.5))),
        new.estimate(np.where(np.isfinite(cross_e), distance_e, np.nan)),
    )
