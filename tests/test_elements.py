"""Several elements, other elements, and maps of descriptors."""

import itertools
import json
from dataclasses import dataclass

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.fd import calculate_numerical_forces, calculate_numerical_stress
from ase.db import connect
from ase.neighborlist import neighbor_list
from cells import paper_cell, random_cell

from ase_entropy import (
    Bispectrum,
    ClarkeSmith,
    EntropyCalculator,
    KernelEntropy,
    KozachenkoLeonenkoEntropy,
    LinearDescriptor,
    MixedClarkeSmith,
    NearestNeighborEntropy,
    PerElement,
    Quench,
    ZieglerBiersackLittmark,
    rescale,
)
from ase_entropy.cli import main
from ase_entropy.pairs import find_pairs
from ase_entropy.starts import scale_of
from ase_entropy.testing import check_descriptor

SPECIES = ('W', 'Be', 'Ta')


def mixed(shape='triclinic', seed=1):
    atoms = random_cell(shape, seed)
    atoms.symbols = [SPECIES[n % 3] for n in range(len(atoms))]
    return atoms


def assert_exact(atoms, tolerance=1e-6):
    numerical = calculate_numerical_forces(atoms, eps=1e-5)
    scale = np.abs(numerical).max()
    np.testing.assert_allclose(atoms.get_forces(), numerical, atol=tolerance * scale)
    if atoms.pbc.all():
        numerical = calculate_numerical_stress(atoms, eps=1e-5)
        scale = np.abs(numerical).max()
        np.testing.assert_allclose(
            atoms.get_stress(), numerical, atol=tolerance * scale
        )


BISPECTRA = {
    'weights': Bispectrum(species=SPECIES, weights={'W': 1.0, 'Be': 0.4, 'Ta': 2.0}),
    'radii': Bispectrum(3.5, species=SPECIES, radii={'W': 0.5, 'Be': 0.4, 'Ta': 0.6}),
    'densities': Bispectrum(3.5, 2, species=SPECIES, chemflag=True, bzeroflag=True),
    'densities, six': Bispectrum(
        3.5, 3, 6, species=SPECIES, weights={'Be': 0.5}, chemflag=True, bnormflag=True
    ),
}


@pytest.mark.parametrize('shape', ['triclinic', 'smaller than the cutoff', 'cluster'])
@pytest.mark.parametrize('name', BISPECTRA)
def test_forces_and_stress_of_mixtures(name, shape):
    atoms = mixed(shape)
    atoms.calc = EntropyCalculator(
        BISPECTRA[name], repulsion=MixedClarkeSmith(SPECIES), k_entropy=100.0
    )
    assert_exact(atoms)


@pytest.mark.parametrize('name', BISPECTRA)
def test_checks_for_descriptors(name):
    check_descriptor(BISPECTRA[name], mixed())


@pytest.mark.parametrize('name', BISPECTRA)
def test_mixture_is_rebuilt_from_json(name):
    calc = EntropyCalculator(
        BISPECTRA[name], PerElement(KernelEntropy()), MixedClarkeSmith(SPECIES)
    )
    again = EntropyCalculator.fromdict(json.loads(json.dumps(calc.todict())))
    energies = [x.get_potential_energy(mixed()) for x in (calc, again)]
    assert energies[0] == energies[1]


def test_first_components_of_each_choice():
    pairs = find_pairs(mixed(), 3.5)
    everything = Bispectrum(3.5, species=SPECIES, chemflag=True).evaluate(pairs)[0]
    some = Bispectrum(3.5, 3, 2, species=SPECIES, chemflag=True).evaluate(pairs)[0]
    picked = everything.reshape(-1, 27, 8)[:, :, :2].reshape(some.shape)
    np.testing.assert_allclose(some, picked, rtol=1e-12)


def test_densities_add_up():
    """Sum over all choices of three elements: the components of one density."""
    atoms = mixed()
    pairs = find_pairs(atoms, 3.9)
    split = Bispectrum(3.9, species=SPECIES, chemflag=True)
    parts_nk = split.evaluate(pairs)[0].reshape(len(atoms), 27, -1)
    together = Bispectrum(3.9).evaluate(pairs)[0]
    np.testing.assert_allclose(parts_nk.sum(axis=1), together, rtol=1e-10)


@pytest.mark.parametrize('flags', list(itertools.product((False, True), repeat=3)))
def test_lone_atoms(flags):
    """In the components of three times its own element; with bzeroflag, nowhere."""
    wselfallflag, bnormflag, bzeroflag = flags
    atoms = Atoms('WBe', [(0, 0, 0), (50, 0, 0)])
    descriptor = Bispectrum(
        species=('W', 'Be'),
        twojmax=2,
        chemflag=True,
        wselfallflag=wselfallflag,
        bnormflag=bnormflag,
        bzeroflag=bzeroflag,
    )
    q_nbk = descriptor.create(atoms).reshape(2, 8, 5)
    lone_k = np.array([1.0, 2.0, 3.0, 3.0, 3.0])
    lone_k /= lone_k if bnormflag else 1.0
    expected = np.ones((2, 8)) if wselfallflag else np.eye(8)[[0, 7]]
    expected = expected[:, :, None] * lone_k * (not bzeroflag)
    np.testing.assert_allclose(q_nbk, expected, atol=1e-12)


def test_alike_elements_are_one_element():
    atoms = mixed()
    same = Bispectrum(species=SPECIES, weights=dict.fromkeys(SPECIES, 1.0))
    pairs = find_pairs(atoms, 3.93)
    np.testing.assert_array_equal(
        same.evaluate(pairs)[0], Bispectrum().evaluate(pairs)[0]
    )


def test_mixed_repulsion_of_tungsten_is_tungstens():
    pairs = find_pairs(random_cell('triclinic', 1), 4.0)
    mixed_u_p, mixed_slope_p = MixedClarkeSmith(('W',)).evaluate_pairs(pairs)
    u_p, slope_p = ClarkeSmith().evaluate(pairs.r_p)
    np.testing.assert_allclose(mixed_u_p, u_p, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(mixed_slope_p, slope_p, rtol=1e-10)


def test_distances_and_strengths_of_pairs():
    repulsion = MixedClarkeSmith(('W', 'Be'), r0={'Be-W': 2.0}, epsilon={'W-Be': 3.0})
    assert repulsion.distance('W', 'Be') == repulsion.distance('Be', 'W') == 2.0
    assert repulsion.distance('W', 'W') == pytest.approx(2.7)
    be, w = (neighbor_list('d', bulk(x), 4.0).min() for x in ('Be', 'W'))
    assert repulsion.distance('Be', 'Be') == pytest.approx(2.7 * be / w)
    assert repulsion.cutoff == pytest.approx(2.71)
    assert repulsion.floor == pytest.approx(0.4 * 2.0)
    dimer = find_pairs(Atoms('WBe', [(0, 0, 0), (1.7, 0, 0)]), 2.71)
    reference = ClarkeSmith(epsilon=3.0, r0=2.0, cutoff=2.0 * 2.71 / 2.7)
    np.testing.assert_allclose(
        repulsion.evaluate_pairs(dimer), reference.evaluate(dimer.r_p), rtol=1e-10
    )


def test_screened_coulomb():
    """At short distances Z^2 e^2 / r; zero in value and slope at the cutoff."""
    zbl = ZieglerBiersackLittmark(cutoff=2.5)
    for r, expected in ((1e-4, 14.399645 * 74 * 4 / 1e-4), (2.5 - 1e-6, 0.0)):
        pairs = find_pairs(Atoms('WBe', [(0, 0, 0), (r, 0, 0)]), 3.0)
        u_p, du_dr_p = zbl.evaluate_pairs(pairs)
        assert u_p.sum() == pytest.approx(expected, rel=3e-3, abs=1e-6)
    assert du_dr_p == pytest.approx(0.0, abs=1e-3)
    atoms = mixed()
    atoms.calc = EntropyCalculator(repulsion=ZieglerBiersackLittmark(), k_entropy=0.0)
    assert_exact(atoms)


def test_each_element_among_its_own():
    atoms = mixed('orthorhombic')
    atoms.calc = EntropyCalculator(
        BISPECTRA['weights'], PerElement(KernelEntropy()), k_entropy=10.0
    )
    assert_exact(atoms)
    total = 0.0
    for symbol in SPECIES:
        own_n = atoms.symbols == symbol
        total += own_n.mean() * KernelEntropy().evaluate(atoms.calc.q_nk[own_n])[0]
    assert atoms.calc.entropy == pytest.approx(total, rel=1e-12)


def test_quench_of_each_element_among_its_own():
    atoms = mixed('orthorhombic')
    atoms.calc = EntropyCalculator(
        BISPECTRA['weights'], PerElement(NearestNeighborEntropy()), k_entropy=10.0
    )
    assert Quench(atoms, (2, 12), logfile=None).run(fmax=0.05, steps=2000)
    assert atoms.calc.estimator.estimator.order == 12


def test_rescaled_configuration_has_the_same_entropy():
    tungsten = paper_cell(1)
    copper = rescale(tungsten, 'Cu')
    scale = scale_of('Cu')
    assert set(copper.symbols) == {'Cu'}
    np.testing.assert_allclose(copper.cell[:], scale * tungsten.cell[:])
    calc = EntropyCalculator(Bispectrum(components=6))
    calc.get_potential_energy(tungsten)
    scaled = EntropyCalculator(Bispectrum(scale * 3.93, components=6))
    scaled.get_potential_energy(copper)
    assert scaled.entropy == pytest.approx(calc.entropy, abs=1e-12)
    np.testing.assert_allclose(
        rescale(copper, 'W').positions, tungsten.positions, atol=1e-12
    )
    twice = rescale(mixed(), 'W', scale=2.0)
    np.testing.assert_allclose(twice.positions, 2.0 * mixed().positions)


@dataclass(frozen=True)
class Sample:
    """Descriptors of some cells, to take maps from."""

    q_mk = np.concatenate([Bispectrum().create(paper_cell(seed)) for seed in range(3)])


MAPS = {
    'chosen': lambda: LinearDescriptor.chosen(Bispectrum(), [5, 0, 3]),
    'standardized': lambda: LinearDescriptor.standardized(Bispectrum(), Sample.q_mk),
    'whitened': lambda: LinearDescriptor.whitened(Bispectrum(), Sample.q_mk),
    'principal': lambda: LinearDescriptor.principal(Bispectrum(), Sample.q_mk, 3),
}


@pytest.mark.parametrize('name', MAPS)
def test_maps_of_descriptors(name):
    descriptor = MAPS[name]()
    check_descriptor(descriptor, random_cell('triclinic', 2))
    atoms = random_cell('triclinic', 2)
    atoms.calc = EntropyCalculator(descriptor, KernelEntropy(), k_entropy=10.0)
    assert_exact(atoms)
    again = EntropyCalculator.fromdict(json.loads(json.dumps(atoms.calc.todict())))
    assert again.get_potential_energy(random_cell('triclinic', 2)) == pytest.approx(
        atoms.get_potential_energy(), rel=1e-12
    )


def mapped_sample(name):
    descriptor = MAPS[name]()
    return (Sample.q_mk - descriptor.offset_k) @ descriptor.matrix_kx


def test_what_maps_do_to_their_set():
    chosen = mapped_sample('chosen')
    np.testing.assert_array_equal(chosen, Sample.q_mk[:, [5, 0, 3]])
    standard = mapped_sample('standardized')
    np.testing.assert_allclose(standard.std(axis=0), 1.0)
    np.testing.assert_allclose(standard.mean(axis=0), 0.0, atol=1e-9)
    covariance = np.cov(mapped_sample('whitened').T, bias=True)
    np.testing.assert_allclose(covariance, np.eye(8), atol=1e-6)
    covariance = np.cov(mapped_sample('principal').T, bias=True)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-9)
    variances = np.linalg.eigvalsh(np.cov(standard.T, bias=True))[::-1]
    np.testing.assert_allclose(np.diag(covariance), variances[:3])


def complaint(function, *args, **kwargs):
    with pytest.raises(ValueError) as caught:
        function(*args, **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ('function', 'arguments', 'sentence'),
    [
        (
            Bispectrum,
            {'species': ['W'], 'weights': {'Be': 1.0}},
            "weights names ['Be']: expected some of species=('W',)",
        ),
        (
            Bispectrum,
            {'species': ['W'], 'weights': {'W': -1.0}},
            "weights['W']=-1.0: expected a finite number > 0.0",
        ),
        (
            Bispectrum,
            {'species': ['W'], 'radii': {'W': 0.0}},
            "radii['W']=0.0: expected a finite number > 0.0",
        ),
        (
            Bispectrum,
            {'weights': {'W': 1.0}},
            "weights names ['W']: expected some of species=None",
        ),
        (
            Bispectrum,
            {'chemflag': True},
            'chemflag=True: expected the elements, as species',
        ),
        (
            MixedClarkeSmith,
            {'species': ()},
            'species=(): expected different chemical symbols',
        ),
        (
            MixedClarkeSmith,
            {'species': ('W', 'W')},
            "species=('W', 'W'): expected different chemical symbols",
        ),
        (
            MixedClarkeSmith,
            {'species': ('W', 'Be'), 'r0': {'W-Be': 2.0, 'Be-W': 3.0}},
            "r0 names 'W-Be' and 'Be-W': expected one",
        ),
        (
            Bispectrum,
            {'cutoff': 4.0, 'rmin0': 1.0, 'species': ['Be'], 'radii': {'Be': 0.1}},
            'rmin0=1.0: expected a finite number >= 0.0 and < 0.8',
        ),
        (
            MixedClarkeSmith,
            {'species': ('W', 'Be'), 'r0': {'W-Ta': 2.0}},
            "r0 names 'W-Ta': expected pairs of species, such as 'W-Be'",
        ),
        (
            MixedClarkeSmith,
            {'species': ('W', 'Be'), 'epsilon': {'W-W': -1.0}},
            "epsilon['W-W']=-1.0: expected a finite number > 0.0",
        ),
        (
            ZieglerBiersackLittmark,
            {'cutoff': 0.0},
            'cutoff=0.0: expected a finite number > 0.0',
        ),
        (
            scale_of,
            {'element': 'Xy'},
            "element='Xy': expected an element with a covalent radius in ASE, "
            'such as Cu',
        ),
        (
            rescale,
            {'atoms': Atoms('WBe'), 'element': 'W'},
            "scale=None and the atoms hold ['Be', 'W']: expected one",
        ),
        (
            LinearDescriptor,
            {
                'descriptor': Bispectrum(),
                'offset_k': np.zeros(3),
                'matrix_kx': np.eye(8),
            },
            'offset_k and matrix_kx have shapes (3,) and (8, 8): expected (8,) and '
            '(8, x)',
        ),
        (
            LinearDescriptor,
            {
                'descriptor': Bispectrum(),
                'offset_k': np.full(8, np.nan),
                'matrix_kx': np.eye(8),
            },
            'offset_k: expected finite numbers',
        ),
        (
            LinearDescriptor.chosen,
            {'descriptor': Bispectrum(), 'components': [8]},
            'components=8: expected a whole number from 0 to 7',
        ),
    ],
)
def test_complaints(function, arguments, sentence):
    assert complaint(function, **arguments) == sentence


def test_repulsion_of_unknown_elements():
    pairs = find_pairs(mixed(), 3.0)
    assert complaint(MixedClarkeSmith(('W',)).evaluate_pairs, pairs) == (
        "species=('W',) and the atoms hold ['Be', 'Ta']: expected these elements only"
    )


def test_too_few_atoms_of_an_element():
    estimator = PerElement(KozachenkoLeonenkoEntropy(k=2))
    message = complaint(
        estimator.evaluate_elements, np.eye(4), np.array([74, 74, 74, 4])
    )
    assert message == 'Be, 1 atom(s): k=2: expected less than the 1 points'


class Own:
    """An estimator of somebody else."""

    def evaluate_elements(self, q_nk, numbers_n):
        return 0.0, np.zeros_like(q_nk)


def test_orders_for_an_estimator_of_somebody_else():
    atoms = mixed()
    atoms.calc = EntropyCalculator(estimator=Own())
    assert complaint(Quench, atoms, (2,), logfile=None).startswith(
        'order=2 and the estimator is Own: expected one of neighbors'
    )


def test_binary_harvest(tmp_path):
    path = str(tmp_path / 'wbe.db')
    command = ['harvest', '--formula', 'W12Be4', '--cell', '6', '6', '8', '--db', path]
    command += ['--weights', 'W=1,Be=0.96', '--radii', 'W=0.5,Be=0.42', '--per-element']
    main([*command, '--cycles', '2', '--shuffle-steps', '200', '--seed', '1'])
    for row in connect(path).select():
        assert row.formula == 'Be4W12'
        assert row.converged
        pairs = find_pairs(row.toatoms(), 3.0)
        repulsion = MixedClarkeSmith(('W', 'Be'))
        for i, j, r in zip(pairs.i_p, pairs.j_p, pairs.r_p, strict=True):
            r0 = repulsion.distance(row.symbols[i], row.symbols[j])
            assert r > 0.5 * r0
        rebuilt = EntropyCalculator.fromdict(row.data['calculator'])
        energy = rebuilt.get_potential_energy(row.toatoms())
        assert energy == pytest.approx(row.effective_energy)


@pytest.mark.parametrize('descriptor', ['soap', 'acsf'])
def test_dscribe_on_the_command_line(tmp_path, descriptor):
    path = str(tmp_path / 'w.db')
    command = ['harvest', '--formula', 'W6', '--cell', '5', '5', '5', '--db', path]
    command += ['--descriptor', descriptor, '--k-entropy', '1', '--cycles', '1']
    main([*command, '--seed', '1', '--shuffle-steps', '50', '--fmax', '5'])
    (row,) = connect(path).select()
    assert row.data['calculator']['descriptor']['kind'] == descriptor.upper()


def test_another_element_on_the_command_line(tmp_path):
    path = str(tmp_path / 'cu.db')
    main(['harvest', '--scale', 'Cu', '--db', path, '--cycles', '1', '--seed', '1'])
    (row,) = connect(path).select()
    assert row.formula == 'Cu39'
    volume = len(row.numbers) * bulk('Cu').get_volume() / 0.65
    assert row.volume == pytest.approx(volume)
    assert row.cell[2, 2] == pytest.approx(1.5 * row.cell[0, 0])
    assert row.entropy > 4.8
    assert row.k_entropy == pytest.approx(2.0 * 39)
    assert row.data['calculator']['repulsion']['r0'] == pytest.approx(
        2.7 * scale_of('Cu')
    )


@dataclass(frozen=True)
class Radial:
    """A descriptor with one component, and mistakes to choose from."""

    mistake: str = ''
    cutoff = 3.7
    size = 1

    def evaluate(self, pairs):
        r_p = pairs.r_p
        fc_p = np.where(r_p < 3.7, 0.5 * (1 + np.cos(np.pi * r_p / 3.7)), 0.0)
        slope_p = np.where(
            r_p < 3.7, -0.5 * np.pi / 3.7 * np.sin(np.pi * r_p / 3.7), 0.0
        )
        if self.mistake == 'jump':
            fc_p += 0.01 * (r_p < 3.7)
        if self.mistake == 'image':
            own_p = pairs.i_p == pairs.j_p
            fc_p, slope_p = np.where(own_p, 0.0, fc_p), np.where(own_p, 0.1, slope_p)
        if self.mistake == 'direction':
            fc_p = fc_p * (1 + pairs.r_pc[:, 0])
        q_nk = np.bincount(pairs.i_p, fc_p, len(pairs.numbers_n))[:, None]
        factor = 2.0 if self.mistake == 'factor' else 1.0

        def pullback(dE_dq_nk):
            slopes_p = factor * dE_dq_nk[pairs.i_p, 0] * slope_p
            return (slopes_p / r_p)[:, None] * pairs.r_pc

        return q_nk, pullback


def test_check_descriptor_finds_mistakes():
    atoms = random_cell('smaller than the cutoff', 1)
    check_descriptor(Radial(), atoms)
    for mistake, sentence in (
        ('factor', 'pullback along displacements'),
        ('image', r'pullback along strains \(stress\)'),
        ('jump', 'a pair that crosses the cutoff'),
        ('direction', 'rotation'),
    ):
        with pytest.raises(AssertionError, match=sentence):
            check_descriptor(Radial(mistake), atoms)
