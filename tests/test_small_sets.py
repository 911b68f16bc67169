"""Odd sets: hardly anything in them, nothing that varies, elements, no numbers."""

import dataclasses

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.io import write
from estimators import CASES, points
from test_errors import complaint
from test_report import rows

from ase_entropy import (
    AnnealSchedule,
    Bispectrum,
    CyclicLangevin,
    DscribeDescriptor,
    EntropyCalculator,
    Harvest,
    KernelEntropy,
    LinearDescriptor,
    NearestNeighborEntropy,
    PerElement,
    Quench,
    plots,
    random_packing,
)
from ase_entropy.analysis import (
    RadialDistribution,
    ReferenceScale,
    autocorrelation,
    count_shared,
    coverage_distances,
    coverage_entropies,
    entropies,
    histograms,
    in_deviations,
    multiple_correlation,
    nearest_distances,
    pooled_entropy,
    principal_map,
    rank_correlation,
    surrogate_error,
)
from ase_entropy.entropy import standard_scale, whitening
from ase_entropy.plots.style import Style
from ase_entropy.report import read_sets, study, write_report
from ase_entropy.report.elements import describe_elements
from ase_entropy.report.figures import pictures

RNG = np.random.default_rng
FEW = Bispectrum(components=6)


def cloud(points=60, components=3, seed=0):
    return RNG(seed).standard_normal((points, components)) * (1.0, 5.0, 0.2)


def packings(formula, count=6, side=7.0):
    return [
        random_packing(formula, 3 * [side], 1.7, RNG(seed)) for seed in range(count)
    ]


def crystal(formula='W'):
    return [bulk(formula, 'bcc', a=3.2, cubic=True)]


def soap():
    from dscribe.descriptors import SOAP

    return SOAP(species=['Be', 'W'], r_cut=4.0, n_max=2, l_max=2, periodic=True)


@pytest.fixture
def make(tmp_path):
    """Return a function from names and frames to the sets of files."""

    def make(descriptor=FEW, **frames):
        for name in frames:
            write(tmp_path / f'{name}.xyz', frames[name], format='extxyz')
        paths = [tmp_path / f'{name}.xyz' for name in frames]
        return read_sets(paths, descriptor=descriptor, report=str)

    return make


def report(sets, folder=None):
    """Return the numbers of a report, written if there is a folder."""
    found = study(sets, rng=RNG(0), decompositions=3, report=str)
    if folder is not None:
        write_report(found, folder, report=str)
    return found


def said(found, words):
    """Return the notes with some words."""
    return [note for note in found.notes if words in note]


# --------------------------------------------- components that the reference lacks


def test_components_that_vary_in_other_sets_only():
    """Their deviation is that of all sets together; the others have that they had."""
    reference_ek, one_ek, two_ek = cloud(), cloud(seed=1), cloud(40, seed=2)
    reference_ek[:, 1] = 7.0
    scale = ReferenceScale.of(reference_ek, one_ek, two_ek)
    together_e = np.concatenate([x[:, 1] for x in (reference_ek, one_ek, two_ek)])
    deviation = reference_ek.std(axis=0)
    assert scale.pooled_k.tolist() == [False, True, False]
    assert scale.varying == 2
    np.testing.assert_allclose(
        scale.scale_k, [deviation[0], together_e.std(), deviation[2]], rtol=1e-13
    )
    shifted_ek = (one_ek - reference_ek.mean(axis=0)) / scale.scale_k
    np.testing.assert_allclose(scale.apply(one_ek), shifted_ek, rtol=1e-13)
    (found,) = in_deviations(scale, one_ek)
    np.testing.assert_array_equal(found, scale.apply(one_ek))


def test_a_new_component_is_seen_whatever_its_unit():
    """A set that differs in it alone is far from the reference, and no farther."""
    reference_ek, other_ek = cloud(), cloud()
    reference_ek[:, 1] = other_ek[:, 1] = 0.0
    other_ek[::2, 1] = 1.0
    for unit in (1e-9, 1.0, 1e9):
        scaled = (x * [1.0, unit, 1.0] for x in (reference_ek, other_ek))
        reference, other = scaled
        distance_e = nearest_distances(reference, other, reference)
        np.testing.assert_allclose(distance_e[1::2], 0.0, atol=1e-12)
        assert (distance_e[::2] > 0.5).all()
        assert (distance_e[::2] < 5.0).all()


def test_what_varies_nowhere_adds_nothing():
    q_ek, test_ek = cloud(), cloud(seed=1)
    wide, wide_test = (np.column_stack([x, np.full(60, 3e5)]) for x in (q_ek, test_ek))
    noisy = wide + 1e-11 * RNG(3).standard_normal(wide.shape)  # rounding of 3e5
    first_m, counts = [0, 20, 60], [1, 2]
    options = {'training': 20, 'testing': 10, 'decompositions': 3}
    for reference, q, test in ((wide, wide, wide_test), (noisy, wide, wide_test)):
        expected = nearest_distances(q_ek, test_ek, q_ek)
        found = nearest_distances(q, test, reference)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
        expected = coverage_distances(q_ek, first_m, test_ek, q_ek, counts)
        found = coverage_distances(q, first_m, test, reference, counts)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        expected = coverage_entropies(q_ek, first_m, q_ek, counts)
        found = coverage_entropies(q, first_m, reference, counts)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        expected = surrogate_error(q_ek, test_ek, q_ek, rng=RNG(1), **options)
        found = surrogate_error(q, test, reference, rng=RNG(1), **options)
        assert found.mean == pytest.approx(expected.mean, rel=1e-9)
        (expected,), share = principal_map([test_ek], q_ek)
        (found,), found_share = principal_map([test], reference)
        np.testing.assert_allclose(found, expected, rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(found_share, share, rtol=1e-8)


def test_symmetry_leaves_rounding_only():
    """In a perfect crystal, components that are zero by symmetry are nearly zero."""
    noise_e = 1e-17 * RNG(0).standard_normal(60)
    reference_ek = np.column_stack([cloud(), noise_e])
    scale = ReferenceScale.of(reference_ek, reference_ek)
    assert np.isinf(scale.scale_k).tolist() == [False, False, False, True]


def test_a_map_of_what_does_not_vary():
    flat = cloud() * [1.0, 0.0, 0.0]
    message = complaint(principal_map, [cloud()], flat)
    assert message == 'components=2: expected a whole number from 1 to 1'


@pytest.mark.slow
def test_a_pure_reference_for_an_alloy(make, tmp_path):
    sets = make(soap(), w=packings('W6'), wbe=packings('W4Be4'))
    found = report(sets, tmp_path / 'r')
    still = int(np.sum(sets[0].q_ek.std(axis=0) == 0.0))
    assert 0 < still < sets[0].q_ek.shape[1]
    (note,) = said(found, 'deviation is that of all sets')
    assert note.startswith(
        f'{still} of {sets[0].q_ek.shape[1]} components are the same'
    )
    assert not said(found, 'the same in all sets')
    only_ek = [x.q_ek[:, sets[0].q_ek.std(axis=0) > 0.0] for x in sets]
    without = nearest_distances(only_ek[0], only_ek[1], only_ek[0]).mean()
    within = nearest_distances(sets[0].q_ek, sets[1].q_ek, found.scale).mean()
    assert within > 1.05 * without  # what is new is not hidden
    assert set(found.projections) == {'w', 'wbe'}


@pytest.mark.parametrize(
    'first', ['crystal', pytest.param('alone', marks=pytest.mark.slow)]
)
def test_a_reference_in_which_nothing_varies(first, make, tmp_path):
    frames = {'crystal': crystal() * 3, 'alone': [Atoms('W')] * 4}
    sets = make(**{first: frames[first]}, w=packings('W6'))
    found = report(sets, tmp_path / 'r')
    assert said(found, f'6 of 6 components are the same in all environments of {first}')
    assert f'{first} varies in 0 components, hence no map' in found.notes
    assert found.surrogate[first, first].largest == 0.0
    assert 0.1 < found.surrogate[first, 'w'].mean < 10.0
    assert np.isfinite(found.surrogate['w', first].mean)


def test_nothing_varies_in_any_set(make, tmp_path):
    found = report(make(a=crystal() * 3, b=crystal() * 2), tmp_path / 'r')
    assert said(found, '6 of 6 components are the same in all sets')
    assert {error.largest for error in found.surrogate.values()} == {0.0}


def test_notes_are_for_those_who_need_them(make):
    found = report(make(u=packings('W6'), w=packings('W6', 3)))
    assert not said(found, 'the same in all')
    assert not said(found, 'descriptor')


# -------------------------------------------------------- one or two environments


@pytest.mark.parametrize('place', [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize('environments', [pytest.param(1, marks=pytest.mark.slow), 2])
def test_a_set_of_one_or_two_environments(environments, place, make, tmp_path):
    """It is trained and tested with what it has, and scales nobody down."""
    few = [Atoms('W', cell=3 * [2.8], pbc=True), Atoms('W', cell=3 * [3.0], pbc=True)]
    frames = [('u', packings('W6')), ('w', packings('W6', 4, 6.5))]
    expected = report(make(**dict(frames))).surrogate
    frames.insert(place, ('few', few[:environments]))
    sets = make(**dict(frames))
    found = report(sets, tmp_path / 'r')
    by_name = {dataset.name: dataset for dataset in sets}
    tested = ('few', 'few') in found.surrogate
    assert tested == (environments == 2)
    assert bool(said(found, 'single environment')) == (environments == 1)
    for pair, error in found.surrogate.items():
        if 'few' not in pair:
            sizes = error.training, error.testing
            assert sizes == (expected[pair].training, expected[pair].testing)
    error = found.surrogate['few', 'u']
    all_ek = nearest_distances(by_name['few'].q_ek, by_name['u'].q_ek, found.scale)
    assert (error.training, error.testing) == (environments, 8)
    assert all_ek.min() <= error.distances.min()
    error = found.surrogate['u', 'few']
    assert (error.training, error.testing) == (16, environments)
    table = rows(tmp_path / 'r', 'distances')
    assert len(table) == 8 + tested
    ratios = {(row['A'], row['B']): row for row in rows(tmp_path / 'r', 'ratios')}
    assert (ratios['few', 'u']['A→B / A→A'] == '') == (environments == 1)
    assert float(ratios['u', 'few']['A→B / A→A']) > 0.0


@pytest.mark.parametrize('environments', [1, 2])
def test_nothing_but_one_or_two_environments(environments, make, tmp_path):
    places = [(0, 0, 0), (2.5, 0, 0)][:environments]
    found = report(make(w=[Atoms(f'W{environments}', places)]), tmp_path / 'r')
    assert len(found.surrogate) == environments - 1
    assert (tmp_path / 'r' / 'index.html').is_file()


def test_two_sets_of_one_environment(make, tmp_path):
    sets = make(a=[Atoms('W', cell=3 * [2.8], pbc=True)], b=[Atoms('W')])
    found = report(sets, tmp_path / 'r')
    assert set(found.surrogate) == {('a', 'b'), ('b', 'a')}
    assert found.surrogate['a', 'b'].mean == pytest.approx(2.0 * np.sqrt(6))


def test_groups_of_small_sets(make):
    few = [Atoms('W', cell=3 * [a], pbc=True) for a in (2.8, 3.0)]
    for name, atoms in zip('ab', few, strict=True):
        atoms.info['group'] = name
    found = report(make(few=few, u=packings('W6')))
    assert [group.name for group in found.groups] == ['a', 'b']
    for group in found.groups:
        assert np.isfinite(group.distance['u'])


# ------------------------------------------------------------------ many sets


def test_many_sets_look_different():
    """In color all of them, and half of them in grey."""
    for mark in ('line', 'marker', 'hatch'):
        styles = [Style(s) for s in range(plots.STYLES)]
        assert len({(own.color, getattr(own, mark)) for own in styles}) == plots.STYLES
    for mark in ('marker', 'hatch'):
        assert len({(own.line, getattr(own, mark)) for own in styles[:32]}) == 32


def drawn(sets):
    """Return axes of each plot that has a legend, of so many sets."""
    names = [f'set number {s}' for s in range(sets)]
    edges, x = np.arange(4.0), np.arange(1.0, 4.0)
    values = {name: s + x for s, name in enumerate(names)}
    found = RadialDistribution(x, x, edges, x, 1)
    return [
        plots.plot_radial(dict.fromkeys(names, found)),
        plots.plot_coverage(dict.fromkeys(names, x), values),
        plots.plot_histograms(values, edges, 'S'),
        plots.plot_distances({f'{name} → {name}': x for name in names}),
        plots.plot_map(dict.fromkeys(names, cloud(9, 3)[:, :2]), [0.6, 0.4]),
        plots.plot_entropies(values, axes=plots.new_figure(10, 6).add_subplot()),
    ]


@pytest.mark.parametrize('sets', [2, 8, 9, 12, 32, 64])
def test_legends_fit(sets):
    """All of them are in the figure, and long ones beside the curves."""
    for axes in drawn(sets):
        figure, legend = axes.figure, axes.get_legend()
        figure.draw_without_rendering()
        assert len(legend.get_texts()) == sets
        place, panel = legend.get_window_extent(), axes.get_window_extent()
        assert figure.bbox.x0 <= place.x0 < place.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= place.y0 < place.y1 <= figure.bbox.y1
        assert panel.width > 300
        assert panel.height > 150
        if sets > plots.INSIDE:
            assert place.x0 >= panel.x1 or place.y0 >= panel.y1 - 1.0


@pytest.mark.slow
def test_figures_of_many_sets(make):
    """Legends that all panels share are below them, and nothing is cut off."""
    sets = make(**{f'set{s}': packings('W4', 5, 5.5 + 0.1 * s) for s in range(12)})
    found = report(sets)
    (note,) = (note for note in found.notes if note.startswith('12 sets: '))
    assert 'colors come again after 8 of them, with another line' in note
    shown = {picture.name: picture.figure for picture in pictures(found)}
    for name in ('components', 'coverage'):
        figure = shown[name]
        figure.draw_without_rendering()
        (legend,) = figure.legends
        assert [text.get_text() for text in legend.get_texts()] == [
            f'set{s}' for s in range(12)
        ]
        place = legend.get_window_extent()
        lowest = min(axes.get_tightbbox().y0 for axes in figure.axes)
        assert figure.bbox.y0 <= place.y0 < place.y1 <= lowest
        assert figure.bbox.x0 <= place.x0 < place.x1 <= figure.bbox.x1
        assert not any(axes.get_legend() for axes in figure.axes)
    assert len(shown['distances'].axes) == 12
    for figure in shown.values():
        assert max(figure.get_size_inches() * 150) < 2**16


@pytest.mark.slow
def test_more_sets_than_styles(make, monkeypatch, tmp_path):
    monkeypatch.setattr(plots, 'STYLES', 2)
    sets = make(**{name: packings('W4', 5) for name in 'abc'})
    sets[1].q_ek[:] += 0.1
    sets[2].q_ek[:] += 0.2
    found = report(sets, tmp_path / 'r')
    assert '3 sets: figures show the first 2, tables all' in found.notes
    assert [row['set'] for row in rows(tmp_path / 'r', 'sets')] == ['a', 'b', 'c']
    for picture in pictures(found):
        legends = [axes.get_legend() for axes in picture.figure.axes]
        texts = [text.get_text() for x in legends if x for text in x.get_texts()]
        assert not any(text.startswith('c') for text in texts)
    assert len(picture.figure.axes) == 1  # of the correlations, the last


# ------------------------------------------------------------------- elements


WEIGHTS = {'Be': 0.96, 'W': 1.0}


@pytest.mark.parametrize(
    ('descriptor', 'neighbors', 'center'),
    [
        (FEW, 'counts neighbors of all elements alike', 'does not know'),
        (
            Bispectrum(species=['Be', 'W'], weights={'W': 1.0}),
            'counts neighbors of all elements alike',
            'does not know',
        ),
        (
            Bispectrum(species=['Be', 'W'], weights=WEIGHTS),
            'tells elements of neighbors apart',
            'does not know',
        ),
        (
            Bispectrum(species=['Be', 'W'], radii={'Be': 0.4}),
            'tells elements of neighbors apart',
            'knows',
        ),
        (
            Bispectrum(species=['Be', 'W'], twojmax=2, chemflag=True),
            'tells elements of neighbors apart',
            'knows',
        ),
        (
            LinearDescriptor.chosen(
                Bispectrum(species=['Be', 'W'], weights=WEIGHTS), [1, 2]
            ),
            'tells elements of neighbors apart',
            'does not know',
        ),
    ],
)
def test_how_elements_enter(descriptor, neighbors, center):
    sentence = f'Be, W: the descriptor {neighbors}, and {center} the element of the'
    told_apart = describe_elements(descriptor, ('Be', 'W'), True)
    assert told_apart.startswith(f'{sentence} central atom; distances, coverage and')
    assert told_apart.endswith('with those of the same central element')
    alike = describe_elements(descriptor, ('Be', 'W'), False)
    assert alike.startswith(f'{sentence} central atom; some sets have no element in')
    assert alike.endswith('different central elements are compared with each other')


def test_how_elements_enter_a_descriptor_of_dscribe():
    sentence = describe_elements(DscribeDescriptor(soap()), ('Be', 'W'), True)
    assert 'the descriptor tells elements of neighbors apart, and knows the' in sentence


def test_some_elements_are_told_apart():
    three = Bispectrum(species=['H', 'Be', 'W'], weights={'Be': 0.5})
    sentence = describe_elements(three, ('H', 'Be', 'W'), True)
    assert 'tells elements of neighbors, but not H and W, apart' in sentence


@pytest.mark.slow
def test_a_report_says_how_elements_enter(make, tmp_path):
    found = report(make(wbe=packings('W3Be3'), be=packings('Be6')), tmp_path / 'r')
    (note,) = said(found, 'descriptor')
    assert note.startswith('Be, W: the descriptor counts neighbors of all elements')
    assert note in (tmp_path / 'r' / 'index.html').read_text()


def test_exchanged_elements_in_a_report(make):
    frames = [bulk('InP', 'zincblende', a=5.9, cubic=True) for _ in range(6)]
    for seed, atoms in enumerate(frames):
        atoms.rattle(0.1, seed=seed)
    exchanged = [atoms.copy() for atoms in frames]
    for atoms in exchanged:
        atoms.numbers = 15 + 49 - atoms.numbers
    found = report(make(a=frames, b=exchanged, c=[x[::-1] for x in frames[:4]]))
    assert len(said(found, 'configurations of')) == 1
    assert said(found, '4 of the 6 configurations of a are in c, too')


def test_notes_do_not_depend_on_the_order_of_elements(make):
    found = report(make(a=packings('Be2W2'), b=packings('W2H2')))
    (note,) = said(found, 'descriptor')
    assert note.startswith('H, Be, W: ')


# ---------------------------------------------------------------- not finite


@pytest.mark.parametrize('bad', [np.nan, np.inf])
def test_sets_that_are_not_finite(bad, make):
    u, w = make(u=packings('W6'), w=packings('W6', 3))
    q_ek = w.q_ek.copy()
    q_ek[4, 2] = bad
    message = complaint(report, [u, dataclasses.replace(w, q_ek=q_ek)])
    assert message.startswith('w: q_ek has shape (18, 6), 107 of 108 finite: expected')


@pytest.mark.parametrize('size', [1, 2, 5, 300])
@pytest.mark.parametrize('case', CASES)
def test_descriptors_that_are_not_finite(case, size):
    """Whatever the estimator and the number of atoms, one sentence says where."""
    for bad in (np.nan, np.inf, -np.inf, 1e200):
        q_nk = points(size)
        q_nk[size // 2, 3] = bad
        message = complaint(CASES[case].evaluate, q_nk)
        assert message == (
            f'q_nk[{size // 2}, 3]={bad}: expected finite numbers, below 1e+100 after '
            'scale_k or whitening_kx'
        )


def test_elements_whose_descriptors_are_not_finite():
    q_nk, numbers_n = points(6), np.array([4, 74] * 3)
    q_nk[5, 0] = np.nan
    estimator = PerElement(NearestNeighborEntropy())
    message = complaint(estimator.evaluate_elements, q_nk, numbers_n)
    assert message.startswith('q_nk[5, 0]=nan: expected finite numbers')


def test_scales_that_leave_no_number():
    estimator = NearestNeighborEntropy(scale_k=[1e-300, 1.0])
    message = complaint(estimator.evaluate, np.array([[0.0, 1.0], [2.0, 3.0]]))
    assert message.startswith('q_nk[1, 1]=3.0: expected finite numbers, below 1e+100')


ARGUMENTS = {  # the descriptors are the first
    autocorrelation: ([0] * 20, range(20)),
    coverage_distances: ([0, 20], cloud(9), cloud(9), [1]),
    coverage_entropies: ([0, 20], cloud(9), [1]),
    entropies: ([0, 20], KernelEntropy()),
    in_deviations: (cloud(9),),
    multiple_correlation: (2,),
    nearest_distances: (cloud(9), cloud(9)),
    pooled_entropy: (),
    standard_scale: (),
    whitening: (),
}


@pytest.mark.parametrize('bad', [np.nan, np.inf])
@pytest.mark.parametrize('function', ARGUMENTS, ids=lambda f: f.__name__)
def test_analysis_of_what_is_not_finite(function, bad):
    q_ek = cloud(20)
    assert function(q_ek, *ARGUMENTS[function]) is not None
    q_ek[3, 1] = bad
    assert 'finite' in complaint(function, q_ek, *ARGUMENTS[function])


@pytest.mark.parametrize('bad', [np.nan, np.inf])
def test_analysis_of_several_of_which_one_is_not_finite(bad):
    good, q_ek = cloud(20), cloud(20)
    q_ek[3, 1] = bad
    whole, odd = ((x, [0, 20], np.full(20, 74), [9.0]) for x in (good, q_ek))
    q_mnk = q_ek.reshape(4, 5, 3)
    options = {'rng': RNG(0), 'decompositions': 1}
    for function, *arguments in (
        (count_shared, whole, odd),
        (coverage_distances, good, [0, 20], q_ek, good, [1]),
        (coverage_distances, good, [0, 20], good, q_ek, [1]),
        (histograms, [good[:, 0]], q_ek[2:4, 1]),
        (in_deviations, good, q_ek),
        (nearest_distances, good, good, q_ek),
        (principal_map, [good, q_ek], good),
        (principal_map, [good], q_ek),
        (rank_correlation, q_mnk),
        (ReferenceScale.of, good, q_ek),
        (ReferenceScale.of, q_ek, good),
        (surrogate_error, good, q_ek, good),
    ):
        more = options if function is surrogate_error else {}
        assert 'finite' in complaint(function, *arguments, **more)


class Bad:
    """A bispectrum that is not finite where two atoms are close."""

    cutoff = 3.93
    size = 6

    def __init__(self, closest):
        self.closest, self.times = closest, 0

    def evaluate(self, pairs):
        q_nk, pullback = FEW.evaluate(pairs)
        if pairs.r_p.min() < self.closest:
            q_nk[0, 0] = np.nan
            self.times += 1
        return q_nk, pullback


def test_a_descriptor_that_is_not_finite_somewhere():
    """A quench turns back there; where it begins so, it says what is wrong."""
    atoms = random_packing('W8', (6, 6, 6), 2.0, RNG(1))
    atoms.calc = EntropyCalculator(Bad(1.95), k_entropy=300.0)
    quench = Quench(atoms, logfile=None)
    before = atoms.get_potential_energy()
    quench.run(steps=30)
    assert atoms.calc.descriptor.times > 0
    assert atoms.get_potential_energy() < before
    atoms.calc = EntropyCalculator(Bad(9.0))
    message = complaint(Quench(atoms, logfile=None).run)
    assert message.startswith('q_nk[0, 0]=nan: expected finite numbers')


class BadOnce(Bad):
    """A bispectrum that is not finite at one evaluation."""

    def evaluate(self, pairs):
        self.times += 1
        q_nk, pullback = FEW.evaluate(pairs)
        q_nk[0, 0] = np.nan if self.times == self.closest else q_nk[0, 0]
        return q_nk, pullback


def test_a_cycle_with_a_descriptor_that_is_not_finite(tmp_path):
    """It is repeated, as every cycle in which something unphysical happens."""
    atoms = random_packing('W6', (6, 6, 6), 2.0, RNG(1))
    atoms.calc = EntropyCalculator(BadOnce(9), k_entropy=1.0)
    schedule = AnnealSchedule(k_entropy=1.0, shuffle_steps=3, ramp_steps=20)
    dyn = CyclicLangevin(atoms, schedule=schedule, rng=RNG(1))
    lines = []
    harvest = Harvest(dyn, tmp_path / 'w.json', report=lines.append)
    harvest.run(1)
    assert any('q_nk[0, 0]=nan' in line for line in lines)
    (row,) = harvest.database.select()
    assert row.attempts == 2
