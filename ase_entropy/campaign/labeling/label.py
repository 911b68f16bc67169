"""Label a set: killed, resumed, on one core or many, always the same rows."""

import math
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.db.core import Database
from ase.io.jsonio import encode

from ase_entropy import __version__
from ase_entropy.calculator.factory import Factory
from ase_entropy.campaign.engines import Driver, InProcess, Logbook, Progress, Trial
from ase_entropy.campaign.labeling.job import Labeling
from ase_entropy.campaign.labeling.worker import label_unit
from ase_entropy.sets.configuration import Configuration
from ase_entropy.sets.formats.database import keys_and_data
from ase_entropy.sets.selection.bounds import Bounds
from ase_entropy.sets.sources import Source
from ase_entropy.store.database import (
    check_database,
    is_server,
    open_database,
    without_password,
)
from ase_entropy.store.key_descriptions import OF_LABELS, with_key_descriptions
from ase_entropy.store.prepared import takes_prepared_rows
from ase_entropy.store.rows import read_keys, rows_of
from ase_entropy.store.transactions import update_keys, write_rows, writer_lock

__all__ = ['check_output', 'label']

MARK = 'left_out'


def label(
    configurations: Iterable[Configuration | Atoms],
    calculator: Factory | str | Callable[..., Any],
    db: str | Path,
    *,
    bounds: Bounds | None = None,
    executor: Executor | None = None,
    report: Callable[[str], None] = print,
    show: Callable[[str, Progress], None] | None = None,
) -> int:
    """Fill a database with configurations and their labels; return how many were new.

    Each configuration is a task. One that raises, dies with its worker, or exceeds the
    time limit of its engine is counted, reported and tried again, twice at most; in the
    end those without labels are listed. Where nothing works, neither the first nor some
    from all parts of the set, it stops after ten. The same call continues wherever it
    was killed, also with more configurations after those that were there, and tries
    those again that failed.

    A row has the id that is the place of its configuration in the set, from 1, all keys
    and data that this had, and as its own energy, forces and stress those of the
    calculator; `labeled_by` names it. Rows are the same for any executor, if results
    of the calculator do not depend on what it computed before.

    Parameters
    ----------
    configurations : iterable of Configuration or Atoms
        Such as :func:`~ase_entropy.sets.read_configurations` yields them.
    calculator : Factory, str or callable
        Makes a calculator, once for each worker: a callable, its name
        ``'module:name'``, or a :class:`Factory` where it has arguments.
    db : str or Path
        Database file, ``.db`` (SQLite). One that is there is continued if it is of the
        same set and calculator, or has no rows.
    bounds : Bounds, optional
        Rows get a key `left_out`: 'force' or 'energy' for labels beyond a bound, 'no'
        for all others.
    executor : concurrent.futures.Executor, optional
        As in :func:`ase_entropy.campaign.run`.
    report, show : callable
        As in :func:`ase_entropy.campaign.run`.

    Raises
    ------
    ValueError
        No configurations, no such calculator, a database with something else.
    RuntimeError
        Configurations that failed for good, an engine that is gone, a database that
        cannot be written. What had been finished before is in the database.

    Examples
    --------
    >>> import tempfile
    >>> from ase.build import bulk
    >>> from ase.db import connect
    >>> db = tempfile.mkdtemp() + '/cu.db'
    >>> label([bulk('Cu', a=a) for a in (3.5, 3.7)], 'ase.calculators.emt:EMT', db,
    ...       report=lambda line: None)
    2
    >>> [round(row.energy, 3) for row in connect(db).select()]
    [0.023, 0.03]
    """
    factory = calculator if isinstance(calculator, Factory) else Factory(calculator)
    every = [_configuration(n, item) for n, item in enumerate(configurations)]
    if not every:
        raise ValueError('configurations: there are none, expected one or more')
    check_output(db, every)
    factory.calculator()  # what is wrong with it is said now
    job = Labeling(factory.name, dict(factory.arguments), every, __version__)
    with writer_lock(open_database(db, serial=True, foreign=True)):
        database = open_database(db, serial=True, foreign=True)  # as it is now
        done = _finished(database, job)
        missing = [n for n in range(len(every)) if n not in done]
        missing.sort(key=lambda n: str(n + 1) in job.given_up)  # those at the end
        progress = Progress(len(every), sum(job.failures.values()), 'configurations')
        for _ in done:
            progress.add({})
        logbook = Logbook(database, job, done, progress, report, show)
        what = f'{len(missing)} configurations by {job.calculator} into'
        report(f'{what} {db}' if missing else f'{logbook.summary()}: nothing to do')
        write_rows(database, [], partial(with_key_descriptions, ours=OF_LABELS))
        run_unit = partial(label_unit, factory)
        trial = None if done else Trial()
        driver = Driver(run_unit, executor or InProcess(), logbook, math.inf, trial)
        try:
            driver.run([job.frame(n) for n in missing])
        except RuntimeError:
            _finish(job, driver, bounds)
            raise
        _finish(job, driver, bounds)
        return len(missing)


def check_output(db: str | Path, configurations: Iterable[Configuration]) -> None:
    """Raise ValueError if no labels of these can be written there; create nothing."""
    if is_server(db) or Path(db).suffix != '.db':
        raise ValueError(
            f"db='{without_password(db)}': expected a file name that ends in .db"
        )
    check_database(db, foreign=True)
    own = Path(db).expanduser().resolve()
    sources = {str(x.source.path) for x in configurations}
    if any(Path(x).resolve() == own for x in sources if x and not is_server(x)):
        raise ValueError(
            f"db='{db}': is a part of the set that is labeled, expected another name"
        )


def _configuration(number: int, item: Any) -> Configuration:
    if isinstance(item, Configuration):
        return item
    if not isinstance(item, Atoms):
        raise ValueError(
            f'configurations holds {item!r}: expected what read_configurations yields, '
            'or Atoms'
        )
    configuration = Configuration(item, None, number, Source(''))
    try:
        encode(keys_and_data(configuration))
    except TypeError as error:
        raise ValueError(
            f'configurations, {configuration.name}: its info cannot be written to a '
            f'database, expected numbers, text and arrays ({error})'
        ) from error
    return configuration


def _finished(database: Database, job: Labeling) -> set[int]:
    """Return the places of the configurations that have labels; begin where it ended.

    Raises
    ------
    ValueError
        The database holds something else.
    """
    name = without_password(database.filename)
    other = 'expected the same, or another database'
    entries = database.metadata.get(job.ledger, [])
    if not (entries or database.count() == 0) or not takes_prepared_rows(database):
        raise ValueError(
            f"db='{name}': its rows were not written by labeling a set, expected "
            'another database'
        )
    try:
        for entry in entries:
            if not (difference := job.difference(entry)):
                job.resume(entry)
            elif database.count():
                raise ValueError(f"db='{name}' has labels of {difference}: {other}")
            else:  # nothing was labeled
                write_rows(database, [], partial(_without, name=job.ledger))
    except (LookupError, TypeError) as error:
        raise ValueError(
            f"db='{name}': its metadata hold labelings that none has written, {other}"
        ) from error
    number_of = {job.unique_id(n): n for n in range(len(job.configurations))}
    done = set()
    for row in read_keys(database):
        number = number_of.get(row.unique_id)
        if number is None or row.id != number + 1:
            raise ValueError(
                f"db='{name}', row {row.id}: is none of the set, expected only rows "
                'that were written as labels of it; delete it, or take another database'
            )
        done.add(number)
    return done


def _without(metadata: dict, name: str) -> dict:
    return {key: value for key, value in metadata.items() if key != name}


def _finish(job: Labeling, driver: Driver, bounds: Bounds | None) -> None:
    """List what has no labels, and mark what is beyond bounds."""
    logbook = driver.logbook
    for frame, reason in driver.given_up.items():
        logbook.report(f'without labels: {frame}: {reason}')
    job.give_up(driver.given_up)
    logbook.ledger_changed = True
    logbook.write()
    if not bounds:
        return
    before = {row.id: row.keys.get(MARK) for row in read_keys(logbook.database)}
    rows = rows_of(logbook.database, list(before), include_data=False)
    marks = bounds.marks(row.toatoms() for row in rows)
    pairs = zip(before, marks, strict=True)
    changed = {i: {MARK: mark} for i, mark in pairs if before[i] != mark}
    update_keys(logbook.database, changed)
    logbook.report(f'{MARK}: {", ".join(bounds.lines(marks))}')
