"""Measure how well potentials train on sets of configurations.

python scripts/prove_transfer.py --label W --study -o transfer
python scripts/prove_transfer.py --label W --set ours=w.db --set H=handcrafted.extxyz

A potential of LAMMPS labels the sets. A student is trained on so many atoms of each,
drawn at random, several times; it is judged by families that no set was made from:
crystals, defects, surfaces, liquids, clusters. What counts is the worst family. Labels
and families: transfer_labels.py and transfer_families.py. Students: a quadratic SNAP,
transfer_student.py, and a kernel regression on SOAP, transfer_kernel.py.

A set is one of transfer_sets.py, which is made first: --set general; or a file or
database, as for "ase-entropy report", with frames or a query after "@"; or a mixture of
such by shares of the atoms: --set mixed=0.8*w.db+0.2*crystals.db. Frames that are in a
test family, and those with labels that are not finite or 50 eV per atom above the
ground state, are left out. What was computed is kept in the folder: the same command
goes on where it was stopped.

--study makes and compares all sets of transfer_sets.py, with both students: ten to
thirty minutes of processor time.
"""

import argparse
import itertools
import os
import re
import time
from contextlib import nullcontext
from pathlib import Path

for variable in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ.setdefault(variable, '1')

import numpy as np
from transfer_bench import Bench, frame_key
from transfer_kernel import KernelStudent, choose_environments
from transfer_labels import POTENTIALS
from transfer_pools import Pool, draw, train
from transfer_sets import SETS, Maker
from transfer_student import Student
from transfer_tables import write_figures, write_tables

from ase_entropy.campaign import Processes

__all__ = ['judge_all', 'parse_set', 'parts_of']

STUDENTS = 'snap', 'kernel'
SHARE = re.compile(r'(\d*\.?\d+)\*(.+)')


def parse_set(text: str) -> tuple[str, list[tuple[float, str]]]:
    """Return the name of a set, and its parts: shares of the atoms, and files.

    >>> parse_set('mixed=0.8*a.db@entropy>5+0.2*b.xyz')
    ('mixed', [(0.8, 'a.db@entropy>5'), (0.2, 'b.xyz')])
    >>> parse_set('both=a.db+b.db')
    ('both', [(1.0, 'a.db+b.db')])
    >>> parse_set('general')
    ('general', [(1.0, 'general')])
    """
    if text in SETS:
        return text, [(1.0, text)]
    name, _, files = text.partition('=')
    if not name or not files:
        raise ValueError(f'--set {text}: expected NAME=FILE, or {", ".join(SETS)}')
    if not SHARE.fullmatch(files):
        return name, [(1.0, files)]
    parts = [SHARE.fullmatch(part) for part in re.split(r'\+(?=[\d.]+\*)', files)]
    parts = [(float(part[1]), part[2]) for part in parts]
    total = sum(share for share, _ in parts)
    if total <= 0.0:
        raise ValueError(f'--set {text}: expected shares above 0')
    return name, [(share / total, file) for share, file in parts]


def judge(bench, name, parts, tests, seen, args) -> list[dict]:
    """Return a row for each number of atoms, draw and test family."""
    pools = [(share, Pool(bench, file, seen)) for share, file in parts]
    draws = {}
    for atoms, number in itertools.product(args.atoms, range(args.draws)):
        chosen = [
            draw(pool.sizes_m, share * atoms, [args.seed, number, p])
            for p, (share, pool) in enumerate(pools)
        ]
        if all(frames is not None for frames in chosen):
            draws[atoms, number] = chosen
        elif number == 0:
            print(f'{name}: too small for {atoms} atoms', flush=True)
    for p, (_, pool) in enumerate(pools):
        pool.prepare([chosen[p] for chosen in draws.values()])
    rows = []
    for (atoms, number), chosen in draws.items():
        begin = time.perf_counter()
        designs = [
            pool.part(frames) for (_, pool), frames in zip(pools, chosen, strict=True)
        ]
        frames, drawn, found = train(designs, tests)
        common = dict(set=name, atoms=atoms, draw=number, frames=frames, drawn=drawn)
        rows += [
            {**common, 'family': family, 'energy': energy, 'force': force}
            for family, (energy, force) in found.items()
        ]
        worst = [
            max((np.nan_to_num(pair[which]), family) for family, pair in found.items())
            for which in (0, 1)
        ]
        print(
            f'{name}, {atoms} atoms, draw {number + 1}: worst {worst[0][0]:.4g} '
            f'meV/atom ({worst[0][1]}), {worst[1][0]:.3g} eV/A ({worst[1][1]}); '
            f'{time.perf_counter() - begin:.1f} s',
            flush=True,
        )
    return rows


def study(handcrafted: str | None) -> list[str]:
    """Return all sets that are made by name, and mixtures; with a hand-crafted one."""
    mixed = [f'general+{x}=0.8*general+0.2*{x}' for x in ('assyst', 'dynamics')]
    if handcrafted is None:
        return [*SETS, *mixed]
    mixed += [f'H+general=0.8*{handcrafted}+0.2*general']
    mixed += [f'general+H=0.8*general+0.2*{handcrafted}']
    return [*SETS, f'handcrafted={handcrafted}', *mixed]


def parts_of(bench: Bench, args) -> dict[str, list[tuple[float, str]]]:
    """Return shares and files of all sets, made where they are made by name."""
    begin = processor_time()
    texts = args.sets + (study(args.handcrafted) if args.study else [])
    sets = dict(parse_set(text) for text in texts)
    if len(sets) < len(texts):
        raise ValueError('expected another NAME for each --set')
    with Processes(args.workers) if args.workers > 1 else nullcontext() as executor:
        folder = Path(args.output) / args.label
        maker = Maker(bench.label, folder, args.configurations, executor)
        sets = {
            name: [(x, maker.file(y) if y in SETS else y) for x, y in parts]
            for name, parts in sets.items()
        }
    print(f'sets: {processor_time() - begin:.0f} s of processor time', flush=True)
    return sets


def teach(bench: Bench, name: str, sets, seen, args) -> None:
    """Replace the student of the bench by another kind."""
    bench.student.close()
    potential = POTENTIALS[args.label]
    if name == 'snap':
        bench.student = Student(potential)
        return
    files = dict.fromkeys(file for parts in sets.values() for _, file in parts)
    frames = (Pool(bench, file, seen).frames for file in files)
    path = Path(args.output) / args.label / 'environments.npz'
    chosen = choose_environments(path, potential, frames)
    bench.student = KernelStudent(potential, *chosen)


def judge_all(bench: Bench, sets, families, args) -> list[dict]:
    """Return the rows of all sets, by the student that the bench has now.

    Raises
    ------
    ValueError
        A set that cannot be read; nothing to train on.
    """
    begin = time.perf_counter()
    tests = {name: bench.design(frames) for name, frames in families.items()}
    seen = keys_of(families)
    print(
        f'{len(tests)} test families, {len(seen)} frames, '
        f'{sum(test.n_m.sum() for test in tests.values())} atoms: '
        f'{time.perf_counter() - begin:.1f} s',
        flush=True,
    )
    rows = []
    for name, parts in sets.items():
        rows += judge(bench, name, parts, tests, seen, args)
    if not rows:
        raise ValueError('no set has as many atoms as --atoms asks for')
    return rows


def keys_of(families) -> set[str]:
    """Return the keys of all test frames."""
    return {frame_key(atoms) for frames in families.values() for atoms in frames}


def run(args) -> None:
    """Make, label, train and judge all sets; write tables and figures.

    Raises
    ------
    ValueError
        A set that cannot be read, or that is not understood; nothing to train on.
    """
    with Bench(args.label, args.output) as bench:
        sets = parts_of(bench, args)
        families = bench.families(args.quick, args.handcrafted)
        for student in args.students:
            begin = processor_time()
            teach(bench, student, sets, keys_of(families), args)
            rows = judge_all(bench, sets, families, args)
            folder = Path(args.output) / args.label / student
            folder.mkdir(exist_ok=True)
            write_tables(folder, rows, args.label)
            write_figures(folder, rows, args.label)
            seconds = processor_time() - begin
            print(f'{student}: {seconds:.0f} s of processor time', flush=True)


def processor_time() -> float:
    """Return the processor time of this process and of those that it has ended (s)."""
    return sum(os.times()[:4])


def main() -> None:
    """Read the options, and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--label', choices=list(POTENTIALS), default='W', help='potential')
    add(
        '--set', action='append', default=[], dest='sets', metavar='NAME=FILE',
        help='or one of ' + ', '.join(SETS),
    )  # fmt: skip
    add('--study', action='store_true', help='all sets by name, and both students')
    add(
        '--student', choices=list(STUDENTS), nargs='+', dest='students',
        help='kinds of potentials (snap)',
    )  # fmt: skip
    add('--configurations', type=int, help='of a set that is made (500)')
    add('--workers', type=int, default=1, help='processes that make sets (1)')
    add('--atoms', type=int, nargs='+', help='of training (500 1500 3000 6000)')
    add('--draws', type=int, default=3, help='random choices of each (3)')
    add('--seed', type=int, default=1, help='of the choices (1)')
    add('--handcrafted', metavar='FILE', help='300 of these as another test family')
    add('--quick', action='store_true', help='few and small families and sets; a trial')
    add('-o', '--output', default='transfer', metavar='FOLDER')
    args = parser.parse_args()
    args.atoms = sorted(
        args.atoms or ([100, 200] if args.quick else [500, 1500, 3000, 6000])
    )
    args.students = args.students or (STUDENTS if args.study else STUDENTS[:1])
    args.configurations = args.configurations or (20 if args.quick else 500)
    if args.atoms[0] < 1 or args.draws < 1 or args.seed < 0:
        parser.error('expected --atoms and --draws of 1 or more, --seed of 0 or more')
    if args.workers < 1 or args.configurations < 1:
        parser.error('expected --workers and --configurations of 1 or more')
    if not (args.sets or args.study):
        parser.error('expected --set or --study')
    try:
        run(args)
    except ValueError as error:
        parser.error(str(error))


if __name__ == '__main__':
    main()
