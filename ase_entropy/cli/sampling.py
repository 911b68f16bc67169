"""What the commands that sample have in common: options, set-up, progress."""

import argparse
import contextlib
import secrets
from collections.abc import Callable
from typing import Any

import numpy as np
from ase import Atoms, units
from ase.data import chemical_symbols
from ase.db.row import AtomsRow
from ase.io import read

from ase_entropy import (
    CyclicLangevin,
    EntropyCalculator,
    Harvest,
    NearestNeighborEntropy,
    random_packing,
)
from ase_entropy.checks import real, whole
from ase_entropy.cli import choose
from ase_entropy.dynamics import TIMESTEP
from ase_entropy.entropy import PerElement
from ase_entropy.parts import fields_of
from ase_entropy.quench import Ladder
from ase_entropy.schedule import AnnealSchedule

__all__ = ['add_arguments', 'fill_database', 'make_dynamics']

# The cell of the paper.
FORMULA = 'W39'
CELL = (9.54, 9.54, 14.31)
START_DISTANCE = 2.0  # Angstrom, of the random packing


def add_arguments(parser: argparse.ArgumentParser, db: str, friction: float) -> None:
    """Add the options that all sampling commands know."""
    choose.add_arguments(parser)
    add = parser.add_argument
    add('--db', default=db, metavar='FILE', help='database (default: %(default)s)')
    add(
        '--formula',
        metavar='F',
        help=f'atoms of a random packing (default: {FORMULA})',
    )
    add(
        '--cell',
        nargs=3,
        type=float,
        metavar=('A', 'B', 'C'),
        help=f'its cell in Angstrom (default: {CELL[0]} {CELL[1]} {CELL[2]})',
    )
    add(
        '--structure',
        metavar='FILE',
        help='start from this file instead: any that ASE reads',
    )
    add(
        '--timestep-fs',
        type=float,
        default=TIMESTEP / units.fs,
        metavar='DT',
        help='time step in fs (default: %(default)s)',
    )
    add(
        '--friction-fs',
        type=float,
        default=friction * units.fs,
        metavar='G',
        help='friction in 1/fs (default: %(default)s)',
    )
    add(
        '--temperature',
        type=float,
        default=AnnealSchedule.hot_K,
        metavar='T',
        help='hot temperature in K (default: %(default)s)',
    )
    add(
        '--seed',
        type=int,
        metavar='N',
        help='seed of all random numbers (default: a new one, printed)',
    )
    add('--logfile', metavar='FILE', help='append the progress lines to this file')


def make_dynamics(
    args: argparse.Namespace,
    schedule: AnnealSchedule,
    estimator: Any = None,
    **frictions: float,
) -> CyclicLangevin:
    """Build atoms, calculator and dynamics from the options."""
    if args.seed is None:
        args.seed = secrets.randbits(32)
    whole('--seed', args.seed, least=0)
    real('--timestep-fs', args.timestep_fs, above=0.0)
    real('--friction-fs', args.friction_fs, least=0.0)
    scale = choose.scale(args)
    rng = np.random.default_rng(args.seed)
    atoms = _start(args, scale, rng)
    elements = sorted(set(atoms.symbols), key=list(atoms.symbols).index)
    if args.per_element:
        estimator = PerElement(estimator or NearestNeighborEntropy())
    atoms.calc = EntropyCalculator(
        choose.descriptor(args, elements), estimator, choose.repulsion(elements, scale)
    )
    return CyclicLangevin(
        atoms,
        args.timestep_fs * units.fs,
        schedule,
        rng=rng,
        **frictions,
    )


def _start(args: argparse.Namespace, scale: float, rng: np.random.Generator) -> Atoms:
    if args.structure is None:
        formula = args.formula
        if formula is None:
            is_symbol = args.scale in chemical_symbols[1:]
            formula = FORMULA.replace('W', args.scale) if is_symbol else FORMULA
        cell = args.cell or [scale * length for length in CELL]
        return random_packing(formula, cell, scale * START_DISTANCE, rng)
    if args.formula is not None or args.cell is not None:
        raise ValueError('--structure brings atoms and cell: drop --formula and --cell')
    try:
        atoms = read(args.structure)
    except Exception as error:  # ASE's readers raise whatever they stumble over
        reason = f'{type(error).__name__}: {error}'
        raise ValueError(
            f'--structure {args.structure}: expected a file that ASE reads ({reason})'
        ) from error
    if len(atoms) < 2:
        raise ValueError(
            f'--structure {args.structure} holds {len(atoms)} atom(s): expected two or '
            'more'
        )
    return atoms


def fill_database(
    args: argparse.Namespace,
    dyn: CyclicLangevin,
    rows_wanted: int,
    ladder: Ladder | None = None,
    prepare: Callable[[], object] | None = None,
) -> None:
    """Harvest until the database holds `rows_wanted` rows of this stage.

    `prepare` is called before the first cycle of a database that is still empty.
    """
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(open(args.logfile, 'a')) if args.logfile else None

        def report(line: str) -> None:
            print(line, flush=True)
            if log is not None:
                print(line, file=log, flush=True)

        harvest = Harvest(dyn, args.db, ladder=ladder, report=report)
        rows = list(harvest.database.select(stage=harvest.stage, walker=harvest.walker))
        missing = rows_wanted - len(rows)
        if missing <= 0:
            report(f'{args.db} holds {len(rows)} {harvest.stage} rows: nothing to do')
            return
        schedule, formula = dyn.schedule, dyn.atoms.get_chemical_formula()
        stages = [f'{schedule.shuffle_steps} steps of shuffle']
        stages += [f'{schedule.ramp_steps} of ramp'] if schedule.ramp_steps else []
        stages += [f'quench {ladder.name}'] if ladder else []
        report(
            f'{formula}, seed {args.seed}: {missing} cycles of {" + ".join(stages)} '
            f'into {args.db}'
        )
        try:
            if rows:
                _continue(harvest, rows[-1], report)
            elif prepare is not None:
                prepare()
            harvest.run(missing)
        except KeyboardInterrupt:
            have = harvest.database.count(stage=harvest.stage, walker=harvest.walker)
            report(
                f'interrupted: {args.db} holds {have} of {rows_wanted} rows; '
                'the same command continues'
            )
            raise SystemExit(130) from None


def _continue(harvest: Harvest, row: AtomsRow, report: Callable) -> None:
    """Go on from the last row, and say what is different from then."""
    before = {**row.data['calculator'], **row.data['dynamics']}
    before['quench'] = row.data.get('quench')
    before['timestep'] *= 2 ** (row.attempts - 1)  # halved when a cycle is repeated
    now = {**harvest.dyn.atoms.calc.todict(), **harvest.dyn.todict()}
    now['quench'] = fields_of(harvest.ladder) if harvest.ladder else None
    for name in sorted(now):
        if name != 'k_entropy' and before.get(name) != now[name]:
            report(f'note: {name} was {before.get(name)}, is now {now[name]}')
    try:
        harvest.continue_from(row)
    except ValueError as error:
        report(f'note: starts from a new configuration: {error}')
