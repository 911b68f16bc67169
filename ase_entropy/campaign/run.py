"""Many cycles, on one core or on a cluster, killed and resumed: the same rows."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ase.db.core import Database

from ase_entropy import __version__, checks
from ase_entropy.campaign.chains import Chain, chains_of, run_chain, run_unit
from ase_entropy.campaign.engines.driver import Driver
from ase_entropy.campaign.engines.executors import InProcess
from ase_entropy.campaign.engines.logbook import Logbook
from ase_entropy.campaign.engines.progress import Progress
from ase_entropy.campaign.growth import Novelty, SetSoFar, gains_in_words
from ase_entropy.campaign.recipe import Recipe
from ase_entropy.campaign.seeds import start_rng
from ase_entropy.campaign.set_recipe import SetRecipe
from ase_entropy.campaign.warm_up import WarmUp
from ase_entropy.dynamics.compiled_form import has_compiled_form
from ase_entropy.store.database import open_database, without_password
from ase_entropy.store.ledger import (
    Campaign,
    check_missing,
    find_campaign,
    finished_cycles,
)
from ase_entropy.store.prepared import takes_prepared_rows
from ase_entropy.store.transactions import describe_keys, write_rows, writer_lock

__all__ = ['run']

MOST = 10**7  # cycles


def run(
    recipe: Recipe | SetRecipe,
    cycles: int,
    db: str | Path,
    *,
    seed: int | None = None,
    chain: int = 1,
    executor: Executor | None = None,
    append: bool = False,
    report: Callable[[str], None] = print,
    show: Callable[[str, Progress], None] | None = None,
) -> int:
    """Fill a database with the cycles of a recipe; return how many were missing.

    The seed of every chain of cycles follows from `seed` and its number, so that the
    rows depend neither on who runs them nor on interruptions. Workers get a chain at a
    time, or as many short ones as take a quarter of a second, up to a second with
    hundreds of workers. The same call continues a campaign, and does nothing on a
    finished one. Only this process writes the database, all that has arrived in one
    transaction: killed at any moment, a campaign loses these work units under way.

    All that needs no compiled kernel is checked before these are compiled.

    Within a cycle, an unphysical step is repeated as in :class:`Harvest`. A chain that
    raises, dies with its worker, or exceeds the time limit of its engine is counted,
    reported and tried again, twice at most; so is each of several that were lost
    together, then by itself.

    Parameters
    ----------
    recipe : Recipe or SetRecipe
        How configurations are made.
    cycles : int
        Rows that the campaign shall have in the end.
    db : str or Path
        Database: see :func:`ase_entropy.store.open_database`.
    seed : int, optional
        Seed of all random numbers. By default that of the campaign to be continued, or
        a new one.
    chain : int
        Number of cycles that a walker runs, each from the end of the one before, until
        the next walker starts anew.
    executor : concurrent.futures.Executor, optional
        Runs the chains: :class:`ase_entropy.campaign.Processes`, that of a dask
        client, ... By default this process runs them.
    append : bool
        Begin a campaign beside those of other recipes in the database.
    report : callable
        Receives one line of text for each event.
    show : callable, optional
        Receives the line of each finished cycle, and the :class:`Progress`. By default
        `report` receives the state of all, for each percent.

    Raises
    ------
    ValueError
        A bad parameter, a recipe that makes no walker, another recipe in the database,
        another campaign writing it, rows whose campaign or cycle was changed.
    RuntimeError
        Chains that failed for good, an engine that is gone, a database that cannot be
        written, rows that others have deleted meanwhile. What had been finished before
        is in the database.

    Examples
    --------
    >>> import tempfile
    >>> from ase_entropy import AnnealSchedule
    >>> from ase_entropy.starts import RandomPacking
    >>> recipe = Recipe(
    ...     start=RandomPacking('W8', (6, 6, 6)),
    ...     schedule=AnnealSchedule(shuffle_steps=20, ramp_steps=0),
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for cycles in (2, 3):
    ...         run(recipe, cycles, f'{folder}/w.db', seed=1, report=lambda line: None)
    2
    1
    """
    checks.instance('recipe', recipe, (Recipe, SetRecipe))
    cycles = checks.whole('cycles', cycles, least=0, most=MOST)
    chain = checks.whole('chain', chain, least=1)
    if seed is not None:
        seed = checks.whole('seed', seed, least=0)
    foreign = isinstance(executor, type) or not hasattr(executor, 'submit')
    if executor is not None and foreign:
        raise ValueError(f'executor={executor!r}: expected a concurrent.futures one')
    if chain > 1 and not all(x.schedule.cycle_steps for x in recipe.recipes):
        raise ValueError(
            f'chain={chain}: expected 1 for a recipe without steps of dynamics, whose '
            'cycles begin anew'
        )
    if chain > 1 and recipe.growth:
        raise ValueError(f'chain={chain}: expected 1 for a recipe with growth')
    recipe_dict = _recipe_dict(recipe)
    compiling = WarmUp(recipe, report)
    with compiling.watching():  # some starts are relaxed
        recipe.check_atoms(start_rng(seed or 0, 0))
    wanted = Campaign(0, recipe.stage, recipe_dict, seed, chain, __version__)
    wanted.sizes = str(recipe.sizes or '')
    with writer_lock(open_database(db, serial=True)):
        database = open_database(db, serial=True)  # as it is now
        campaign = find_campaign(database, wanted, append)
        campaign.cycles = cycles
        logbook = _logbook(database, campaign, report, show)
        campaign.cycles = logbook.progress.total  # as many as there are, at least
        missing = [cycle for cycle in range(cycles) if cycle not in logbook.done]
        if not missing:
            logbook.write()
            name, have = without_password(database.filename), len(logbook.done)
            report(
                f'{name} holds {have} {recipe.stage} rows of campaign '
                f'{campaign.number}, seed {campaign.seed}: nothing to do'
            )
            return 0
        check_missing(database, campaign, missing)
        with compiling.watching():
            atoms = recipe.check(start_rng(seed or 0, 0))
            if has_compiled_form(atoms):  # once, not in every worker at the same time
                compiling.run()
        describe_keys(database)
        if campaign.arrays:
            write_rows(database, [], arrays=campaign.arrays)
        where = without_password(database.filename)
        for line in _first_lines(recipe, campaign, len(missing), where):
            report(line)
        if campaign.version != __version__:
            report(f'note: begun by version {campaign.version}, this is {__version__}')
        prepared, last = takes_prepared_rows(database), max(logbook.done, default=-1)
        for wanted, novelty in _rounds(recipe, missing, database, logbook):
            run_one = partial(run_chain, recipe, campaign.seed, novelty=novelty)
            call = partial(run_unit, run_one, campaign.number, prepared)
            chains = _new_chains_first(chains_of(wanted, chain), last)
            Driver(call, executor or InProcess(), logbook).run(chains)
        database = open_database(db, serial=True)
        have = finished_cycles(database, campaign)
        if gone := sorted(set(range(cycles)).difference(have)):
            check_missing(database, campaign, gone)
            raise RuntimeError(
                f'{without_password(db)} lacks {len(gone)} of {cycles} rows '
                'that were written: others have changed it; the same command continues'
            )
        return len(missing)


def _logbook(
    database: Database,
    campaign: Campaign,
    report: Callable[[str], None],
    show: Callable[[str, Progress], None] | None,
) -> Logbook:
    """Return the logbook of a campaign, with the cycles that are finished."""
    done = finished_cycles(database, campaign)
    beyond = sum(cycle >= campaign.cycles for cycle in done)  # of an earlier call
    lost = sum(campaign.failures.values())
    progress = Progress(campaign.cycles + beyond, lost)
    for row in done.values():
        progress.add(row.keys)
    return Logbook(database, campaign, done, progress, report, show)


def _recipe_dict(recipe: Recipe) -> dict:
    """Return the recipe as JSON has it; raise ValueError where a part cannot be."""
    recipe_dict = recipe.todict()
    parts = [x['recipe'] for x in recipe_dict.get('parts', [])]
    for own in (recipe_dict, recipe_dict.get('once') or {}, *parts):
        own.pop('sizes', None)  # decides nothing
    _check_parts(recipe_dict, 'recipe')
    return recipe_dict


def _check_parts(value: Any, name: str) -> None:
    """Raise ValueError where a part has no dictionary."""
    if isinstance(value, list):  # of numbers, which may be many, or of parts
        value = {n: item for n, item in enumerate(value) if isinstance(item, dict)}
    if not isinstance(value, dict):
        return
    if set(value) == {'name', 'repr'}:
        raise ValueError(
            f'{name} is a {value["name"]}: expected a dataclass, or a class with '
            'todict(), so that a campaign knows its recipe again'
        )
    for key, item in value.items():
        _check_parts(item, f'{name}.{key}')


def _rounds(
    recipe: Recipe | SetRecipe, missing: list[int], database: Database, logbook: Logbook
) -> Iterator[tuple[list[int], Novelty | None]]:
    """Yield missing cycles round by round, and the set that each round looks at."""
    growth = recipe.growth
    if growth is None:
        yield missing, None
        return
    so_far = SetSoFar(growth, database, logbook.job, recipe.is_beside)
    for first in range(0, missing[-1] + 1, growth.round_cycles):
        wanted = [n for n in missing if first <= n < first + growth.round_cycles]
        if not wanted:
            continue
        summary = so_far.before(first)
        if summary is not None:
            _note_growth(logbook, first, summary.entropy)
        yield wanted, summary and growth.novelty(summary)
    _note_growth(logbook, missing[-1] + 1, so_far.before(missing[-1] + 1).entropy)
    logbook.write()


def _note_growth(logbook: Logbook, cycles: int, entropy: float) -> None:
    """Note and report S (nats) of the set after so many cycles."""
    campaign = logbook.job
    known = dict(campaign.growth)
    if known.get(cycles) != entropy:
        campaign.growth = sorted((known | {cycles: entropy}).items())
        logbook.ledger_changed = True
    gains, logbook.progress.gains = logbook.progress.gains, []
    of_round = f'; {gains_in_words(gains)}' if gains else ''
    logbook.report(f'{cycles} cycles: S of the set {entropy:.3f} nats{of_round}')


def _new_chains_first(chains: list[Chain], last: int) -> list[Chain]:
    """Return the chains, those that may have failed before at the end."""
    return sorted(chains, key=lambda chain: (chain.first <= last, chain.first))


def _first_lines(
    recipe: Recipe | SetRecipe, campaign: Campaign, missing: int, where: str
) -> Iterator[str]:
    """Yield what will be done: in one line, or in one for each part."""
    if recipe.sizes is not None:
        yield f'{", ".join(recipe.sizes.species)}: {recipe.sizes}'
    if isinstance(recipe, Recipe):
        yield (
            f'{recipe.start.formula}, seed {campaign.seed}: {missing} cycles of '
            f'{_stages(recipe)} into {where}'
        )
        return
    yield (
        f'seed {campaign.seed}: {missing} cycles into {where}; of all '
        f'{campaign.cycles}:'
    )
    stages = [f': {_stages(part)}' for _, part in recipe.parts]
    words = recipe.contents(campaign.cycles)
    for word, own in zip_longest(words, stages, fillvalue=''):
        yield f'  {word}{own}'


def _stages(recipe: Recipe) -> str:
    """Return what a cycle does, and its K."""
    schedule, ladder = recipe.schedule, recipe.ladder
    stages = [f'{schedule.shuffle_steps} steps of shuffle']
    stages = stages if schedule.shuffle_steps else []
    stages += [f'{schedule.ramp_steps} of ramp'] if schedule.ramp_steps else []
    k = schedule.k_entropy, schedule.k_per_atom
    if ladder and not any(k):
        stages += ['quench of E_base + E_rep' if recipe.base else 'quench of E_rep']
    elif ladder or schedule.ramp_steps:
        stages += [f'quench {ladder.name}'] if ladder else []
        strength = f'{k[0]:g} eV' if k[1] is None else f'{k[1]:g} eV per atom'
        stages[-1] += f' at K {strength}'
    stages += ['perturbation'] if recipe.perturbation else []
    return ' + '.join(stages) or 'as they are'
