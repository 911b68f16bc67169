"""Environments are compared with those of the same element."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from ase.io import write
from test_small_sets import packings

from ase_entropy import Bispectrum, NearestNeighborEntropy, PerElement
from ase_entropy.analysis import (
    coverage_distances,
    coverage_entropies,
    nearest_distances,
    pooled_entropy,
    surrogate_error,
)
from ase_entropy.report import read_sets, study, write_report

RNG = np.random.default_rng
UNIT = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])  # mean 0, deviation 1


def environments(count, elements, seed):
    rng = RNG(seed)
    return rng.standard_normal((count, 3)), rng.choice(elements, count)


def one_by_one(train_ek, train_e, test_ek, test_e):
    """Distances without a tree, and without a component for the element."""
    distances = []
    for q_k, number in zip(test_ek, test_e, strict=True):
        own_ek = train_ek[train_e == number]
        distances.append(min([*np.linalg.norm(own_ek - q_k, axis=1), np.inf]))
    return np.array(distances)


def test_distances_to_the_same_element():
    train_ek, train_e = environments(50, [28, 13], 1)
    test_ek, test_e = environments(40, [28, 13, 74], 2)
    found = nearest_distances(
        train_ek, test_ek, UNIT, train_numbers_e=train_e, test_numbers_e=test_e
    )
    expected = one_by_one(train_ek, train_e, test_ek, test_e)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert np.isinf(found).sum() == (test_e == 74).sum() > 5
    assert (found >= nearest_distances(train_ek, test_ek, UNIT)).all()


def test_one_element_is_as_without():
    train_ek, test_ek = RNG(1).standard_normal((2, 30, 3))
    ones = np.full(30, 74)
    numbers = {'train_numbers_e': ones, 'test_numbers_e': ones}
    np.testing.assert_array_equal(
        nearest_distances(train_ek, test_ek, UNIT, **numbers),
        nearest_distances(train_ek, test_ek, UNIT),
    )
    with_them = surrogate_error(train_ek, None, UNIT, rng=RNG(1), train_numbers_e=ones)
    without = surrogate_error(train_ek, None, UNIT, rng=RNG(1))
    for name in ('mean', 'mean_error', 'median', 'largest', 'training', 'testing'):
        assert getattr(with_them, name) == getattr(without, name), name
    assert with_them.by_element == {74: (without.mean, without.mean_error)}
    assert without.by_element == {}


def test_surrogate_error_to_the_same_element():
    """All of both sets in each decomposition: nothing is left to chance."""
    train_ek, train_e = environments(60, [28, 13], 1)
    test_ek, test_e = environments(30, [28, 13, 74], 2)
    found = surrogate_error(
        train_ek,
        test_ek,
        UNIT,
        rng=RNG(3),
        training=60,
        testing=30,
        decompositions=2,
        train_numbers_e=train_e,
        test_numbers_e=test_e,
    )
    distance_s = one_by_one(train_ek, train_e, test_ek, test_e)
    known = distance_s[np.isfinite(distance_s)]
    assert found.mean == pytest.approx(known.mean(), rel=1e-12)
    assert found.median == pytest.approx(np.median(known), rel=1e-12)
    assert found.largest == pytest.approx(known.max(), rel=1e-12)
    assert found.alone == pytest.approx(1.0 - len(known) / 30)
    assert sorted(found.by_element) == [13, 28, 74]
    for number in (13, 28):
        mean, error = found.by_element[number]
        assert mean == pytest.approx(distance_s[test_e == number].mean(), rel=1e-12)
        assert error == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(found.by_element[74]).all()
    assert len(found.distances) == 2 * len(known)


def test_a_set_on_itself():
    """A rare element: most decompositions train on none, or test none."""
    train_ek, _ = environments(40, [1], 1)
    numbers_e = np.repeat([74, 8], [39, 1])
    found = surrogate_error(
        train_ek, None, UNIT, rng=RNG(1), decompositions=50, train_numbers_e=numbers_e
    )
    assert np.isnan(found.by_element[8]).all()
    assert 0.0 < found.alone < 1 / found.testing
    assert found.largest < 10.0


def test_no_element_in_common():
    found = surrogate_error(
        *RNG(1).standard_normal((2, 9, 3)),
        UNIT,
        rng=RNG(1),
        train_numbers_e=np.full(9, 1),
        test_numbers_e=np.full(9, 2),
        decompositions=3,
    )
    assert found.alone == 1.0
    assert np.isnan(found.mean)
    assert np.isnan(found.mean_error)
    assert len(found.distances) == 0


def test_coverage_by_the_same_element():
    q_ek, numbers_e = environments(24, [28, 13], 1)
    numbers_e[:8] = 28  # so that the first two configurations have no aluminum
    numbers_e[8] = 13
    test_ek, test_e = environments(30, [28, 13, 74], 2)
    first_m = np.arange(0, 25, 4)
    found = coverage_distances(
        q_ek,
        first_m,
        test_ek,
        UNIT,
        [1, 2, 3, 6],
        numbers_e=numbers_e,
        test_numbers_e=test_e,
    )
    assert np.isnan(found[:2]).all()
    for count, mean in zip((3, 6), found[2:], strict=True):
        end = first_m[count]
        distance_s = one_by_one(q_ek[:end], numbers_e[:end], test_ek, test_e)
        expected = distance_s[test_e != 74].mean()
        assert mean == pytest.approx(expected, rel=1e-12)


def test_coverage_of_other_elements():
    found = coverage_distances(
        [[0.0], [1.0]],
        [0, 1, 2],
        [[1.0]],
        [[-1.0], [1.0]],
        [1, 2],
        numbers_e=[1, 1],
        test_numbers_e=[2],
    )
    assert np.isnan(found).all()


def test_pooled_entropy_is_that_of_the_estimator():
    q_ek, numbers_e = environments(30, [28, 13], 1)
    for softening in (0.0, 0.3):
        estimator = PerElement(NearestNeighborEntropy(softening=softening))
        expected, _ = estimator.evaluate_elements(q_ek, numbers_e)
        found = pooled_entropy(q_ek, softening, numbers_e=numbers_e)
        assert found == pytest.approx(expected, rel=1e-12)
    (grown,) = coverage_entropies(q_ek, [0, 30], UNIT, [1], numbers_e=numbers_e)
    assert grown == pytest.approx(pooled_entropy(q_ek, numbers_e=numbers_e), rel=1e-12)


def test_pooled_entropy_of_atoms_that_are_alone_of_their_kind():
    q_ek = [[0.0], [1.0], [5.0]]
    alone = pooled_entropy(q_ek, numbers_e=[74, 74, 8])
    assert alone == pooled_entropy(q_ek[:2])
    assert np.isnan(pooled_entropy(q_ek, numbers_e=[1, 2, 3]))


@pytest.mark.parametrize(
    'numbers',
    [{'train_numbers_e': [1, 2]}, {'train_numbers_e': [1], 'test_numbers_e': [1]}],
)
def test_numbers_that_do_not_fit(numbers):
    with pytest.raises(ValueError, match=r'train_numbers_e and test_numbers_e have'):
        nearest_distances([[0.0], [1.0]], [[0.5]], [[-1.0], [1.0]], **numbers)
    with pytest.raises(ValueError, match=r'numbers_e have shapes .*expected'):
        pooled_entropy([[0.0], [1.0]], numbers_e=[1])


@pytest.fixture
def alloys(tmp_path):
    """Return a function that reads sets of packings, by their names."""

    def read(**formulas):
        paths = []
        for name, formula in formulas.items():
            paths.append(tmp_path / f'{name}.xyz')
            write(paths[-1], packings(formula))
        species = ['Al', 'Ni', 'W']
        return read_sets(paths, descriptor=Bispectrum(components=6, species=species))

    return read


@pytest.mark.slow
def test_a_report_compares_equal_elements(alloys, tmp_path):
    sets = alloys(nial='Ni3Al3', ni='Ni6', rich='Ni5Al')
    lines = []
    found = study(sets, rng=RNG(1), decompositions=20, report=lines.append)
    assert found.told_apart
    write_report(found, tmp_path / 'r', report=lambda line: None)
    lacking = 'of elements that the training environments drawn of ni lack: they are'
    assert sum(lacking in note for note in found.notes) == 2
    with open(tmp_path / 'r/tables/elements.csv', newline='') as file:
        header, *table = csv.reader(file)
    assert header == [
        'set',
        'element',
        'environments',
        'S (nats)',
        'nial',
        'ni',
        'rich',
    ]
    by_name = {(row[0], row[1]): row[2:] for row in table}
    assert [key for key in by_name] == [
        ('nial', 'Al'),
        ('nial', 'Ni'),
        ('ni', 'Ni'),
        ('rich', 'Al'),
        ('rich', 'Ni'),
    ]
    assert [row[0] for row in by_name.values()] == ['18', '18', '36', '6', '30']
    assert by_name['nial', 'Al'][3] == 'nan'  # of a set without aluminum
    assert by_name['rich', 'Al'][1] == 'nan'  # each is alone in its configuration
    error = found.surrogate['nial', 'rich']
    assert by_name['rich', 'Ni'][2] == str(error.by_element[28][0])
    q_nk, z_n = sets[0].q_ek[:6], sets[0].numbers_e[:6]
    own, _ = NearestNeighborEntropy().evaluate(q_nk[z_n == 28])
    assert found.entropy_of['nial', 'Ni'][0] == pytest.approx(own, rel=1e-12)
    assert 'Elements: S of the atoms' in (tmp_path / 'r/index.html').read_text()


def test_groups_and_coverage_are_told_apart(alloys):
    nial, ni = alloys(nial='Ni3Al3', ni='Ni6')
    nial.keys['group'] = np.array(['a', 'b', 'a', 'b', 'a', 'b'])
    found = study([nial, ni], rng=RNG(1), decompositions=5, report=lambda line: None)
    distances = [group.distance['ni'] for group in found.groups]
    drawn = ni.q_ek  # more would be needed than there are: all but those held back
    assert len(distances) == 2
    for distance, start in zip(distances, (0, 1), strict=True):
        own_e = np.repeat(np.arange(6) % 2 == start, 6) & (nial.numbers_e == 28)
        nearest = nearest_distances(drawn, nial.q_ek[own_e], found.scale).mean()
        assert nearest <= distance < 3.0 * nearest
    assert np.isfinite(found.distance['ni', 'nial']).all()


def test_elements_that_are_held_back_only(alloys):
    """Coverage by a set does not wait for elements that it never gets."""
    (nial, ni) = alloys(nial='Ni3Al3', ni='Ni6')
    numbers_e = np.full(len(nial.q_ek), 28)
    for configuration in range(len(nial)):
        one = numbers_e.copy()
        one[nial.first_m[configuration]] = 13
        mixed = replace(nial, numbers_e=one)
        found = study([mixed, ni], rng=RNG(1), decompositions=5, report=str)
        assert np.isfinite(found.distance['nial', 'ni']).all()


def test_sets_without_a_common_element(alloys):
    found = study(
        alloys(ni='Ni6', w='W6'),
        rng=RNG(1),
        decompositions=5,
        report=lambda line: None,
    )
    assert not found.told_apart
    assert any('some sets have no element in common' in note for note in found.notes)
    assert np.isfinite(found.surrogate['ni', 'w'].mean)
    assert found.entropy_of == {}


def test_one_element_needs_no_table(alloys):
    sets = alloys(one='Ni6', two='Ni4')
    found = study(sets, rng=RNG(1), decompositions=5, report=lambda line: None)
    assert not found.told_apart
    assert found.entropy_of == {}
