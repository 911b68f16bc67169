"""The ledger: which campaigns have written a database, in its metadata."""

import hashlib
import json
import secrets
import uuid
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, ClassVar

from ase.db.core import Database

from ase_entropy import checks
from ase_entropy.parts import insert_arrays, take_arrays
from ase_entropy.store.arrays import StoredArrays
from ase_entropy.store.database import without_password
from ase_entropy.store.differences import as_json, differences, shown
from ase_entropy.store.rows import RowKeys, read_keys

__all__ = [
    'Campaign',
    'campaigns',
    'check_missing',
    'find_campaign',
    'finished_cycles',
]

NAMESPACE = uuid.UUID('5f0c5e39-2d2c-4b8c-9d43-3d1f1a1a5b6e')
COUNTED = {'cycle': int, 'entropy': (int, float), 'attempts': int}  # keys
DECIDES = ('recipe', 'seed', 'chain')  # the rows, and nothing else does


@dataclass
class Campaign:
    """One entry of the ledger.

    Parameters
    ----------
    number : int
        Its rows have ``campaign=number``.
    stage : str
        'biased' or 'unbiased'.
    recipe : dict
        ``Recipe.todict()``, with large arrays named (`ase_entropy.store.restore`).
    seed, chain : int
        Seed, and number of cycles from one start to the next.
    version : str
        Version of ase_entropy that began it.
    cycles : int
        Cycles asked for.
    failures : dict
        How often chains failed, by the kind of failure.
    sizes : str
        Where the lengths of the recipe are from: a note.
    growth : list of pairs
        Cycles before each round, and S (nats) of the set then: a note.
    arrays : dict of arrays
        Large arrays of the recipe, by their SHA-256.
    """

    number: int
    stage: str
    recipe: dict
    seed: int
    chain: int
    version: str
    cycles: int = 0
    failures: dict[str, int] = field(default_factory=dict)
    sizes: str = ''
    growth: list = field(default_factory=list)
    arrays: dict = field(default_factory=dict, repr=False, compare=False)

    ledger: ClassVar[str] = 'campaigns'

    def __post_init__(self) -> None:
        self.recipe = take_arrays(self.recipe, self.arrays)

    def entry(self) -> dict:
        """Return the entry of the ledger, as JSON has it."""
        names = [field.name for field in fields(self) if field.name != 'arrays']
        entry = {name: as_json(getattr(self, name)) for name in names}
        return {k: x for k, x in entry.items() if x or k not in ('sizes', 'growth')}

    def unique_id(self, cycle: int) -> str:
        """Return the unique id of the row of a cycle, the same in every database."""
        return next(self.unique_ids([cycle]))

    def unique_ids(self, cycles: Iterable[int]) -> Iterator[str]:
        """Yield the unique ids of the rows of cycles."""
        for cycle in cycles:  # uuid.uuid5 of "[recipe, seed, chain, cycle]", faster
            digest = self._begun_digest.copy()
            digest.update(f', {cycle}]'.encode())
            number = bytearray(digest.digest()[:16])
            number[6], number[8] = number[6] & 15 | 80, number[8] & 63 | 128
            yield number.hex()

    @cached_property
    def _begun_digest(self) -> Any:
        """The digest of what decides, which may be long, without the cycle."""
        recipe = _as_floats(insert_arrays(self.recipe, self.arrays))
        decides = json.dumps([recipe, self.seed, self.chain], sort_keys=True)
        return hashlib.sha1(NAMESPACE.bytes + decides[:-1].encode())

    def inputs_of(self, chain: Any) -> list[str]:
        """Return the unique ids of the rows of a chain."""
        cycles = range(chain.first, chain.first + chain.cycles)
        return list(self.unique_ids(cycles))

    def row_of(self, end: Any) -> Any:
        """Return a finished cycle as it is: workers make rows of them."""
        return end

    def is_in(self, entries: list[dict]) -> bool:
        """Return whether one of these entries of a ledger is that of this campaign."""
        own, known = self.entry(), [take_arrays(entry, {}) for entry in entries]
        return any(all(e.get(x) == own[x] for x in DECIDES) for e in known)

    def count_failure(self, kind: str) -> None:
        """Count a failed chain."""
        self.failures[kind] = self.failures.get(kind, 0) + 1


def campaigns(database: Database) -> list[Campaign]:
    """Return the campaigns of a database."""
    entries = database.metadata.get('campaigns', [])
    try:
        return [_campaign(entry, database) for entry in entries]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"db='{without_password(database.filename)}': its metadata hold campaigns "
            f'that none has written, expected another database ({error})'
        ) from error


def _campaign(entry: dict, database: Database) -> Campaign:
    names = [field.name for field in fields(Campaign) if field.name != 'arrays']
    known = {name: entry[name] for name in names if name in entry}
    campaign = Campaign(**known, arrays=StoredArrays(database))
    checks.instance('number', campaign.number, int)
    checks.instance('failures', campaign.failures, dict)
    return campaign


def finished_cycles(
    database: Database, campaign: Campaign, after: int = 0
) -> dict[int, RowKeys]:
    """Return the rows of a campaign by their cycles, with the keys `COUNTED`.

    Parameters
    ----------
    database : ase.db.core.Database
        Where it writes.
    campaign : Campaign
        Its entry in the ledger.
    after : int
        Only rows with larger ids.

    Raises
    ------
    ValueError
        A row without the keys of a finished cycle, or of another campaign.
    """
    number, found = campaign.number, {}
    for row in read_keys(database, after):
        if row.keys.get('campaign') != number:
            continue
        counted = {key: row.keys.get(key) for key in COUNTED}  # of many rows: no more
        cycle = _number_of(row, database)
        if row.unique_id != campaign.unique_id(cycle):
            raise ValueError(
                f"db='{without_password(database.filename)}', row {row.id}: campaign="
                f'{number} and cycle={cycle}, expected another campaign: it was not '
                'written as that cycle of this one (its unique_id tells); put its keys '
                'back, give it another number (ase db '
                f'{without_password(database.filename)} id={row.id} -k campaign=99), '
                'or delete it'
            )
        found[cycle] = row._replace(keys=counted)
    return found


def _number_of(row: RowKeys, database: Database) -> int:
    """Return the number of the cycle of a row."""
    for key, kind in COUNTED.items():
        if not isinstance(row.keys.get(key), kind):
            raise ValueError(
                f"db='{without_password(database.filename)}', row {row.id}: {key}="
                f'{row.keys.get(key)!r}, expected a number; delete the row, and its '
                'cycle is computed again'
            )
    return row.keys['cycle']


def check_missing(
    database: Database, campaign: Campaign, missing: Collection[int]
) -> None:
    """Raise ValueError if missing cycles are there, under changed keys.

    Parameters
    ----------
    database : ase.db.core.Database
        Where the campaign writes.
    campaign : Campaign
        Its entry in the ledger.
    missing : collection of int
        Cycles that `finished_cycles` does not find.

    Raises
    ------
    ValueError
        A row of one of them.
    """
    cycle_of = dict(zip(campaign.unique_ids(missing), missing, strict=True))
    for row in read_keys(database):
        if row.unique_id in cycle_of:
            found, cycle = (row.keys.get(key) for key in ('campaign', 'cycle'))
            raise ValueError(
                f"db='{without_password(database.filename)}', row {row.id}: campaign="
                f'{found!r} and cycle={cycle!r}, expected '
                f'campaign={campaign.number} and cycle={cycle_of[row.unique_id]} as it '
                'was written; put them back, or delete the row, and its cycle is '
                'computed again'
            )


def find_campaign(database: Database, wanted: Campaign, append: bool) -> Campaign:
    """Return the campaign of a database that `wanted` continues, or a new one.

    A seed of None is that of the last campaign with this recipe, or a new one.

    Raises
    ------
    ValueError
        There are other campaigns, or rows of none, in this stage, and `append` is not
        set.
    """
    known = campaigns(database)
    rivals = [campaign for campaign in known if campaign.stage == wanted.stage]
    for campaign in reversed(rivals):
        if not list(differences(campaign, wanted, DECIDES)):
            campaign.arrays.update(wanted.arrays)
            return campaign
    if not append:
        _refuse(database, rivals, wanted)
    seed = secrets.randbits(32) if wanted.seed is None else wanted.seed
    return replace(wanted, number=_next_number(database, known), seed=seed)


def _next_number(database: Database, known: list[Campaign]) -> int:
    """Return a number that no campaign and no row has."""
    taken = (row.keys.get('campaign') for row in read_keys(database))
    numbers = [number for number in taken if isinstance(number, int)]
    return 1 + max([-1, *numbers, *(campaign.number for campaign in known)])


def _refuse(database: Database, rivals: list[Campaign], wanted: Campaign) -> None:
    """Raise if rows of something else are there already."""
    name = without_password(database.filename)
    otherwise = (
        'expected the same, another database, or append=True (--force-append) for a '
        'campaign beside it'
    )
    if rivals:
        last = rivals[-1]
        different = shown(differences(last, wanted, DECIDES))
        raise ValueError(
            f"db='{name}': campaign {last.number} has {different}: {otherwise}"
        )
    rows = database.count(stage=wanted.stage)
    if rows:
        raise ValueError(
            f"db='{name}': its {rows} {wanted.stage} rows are from no campaign: "
            f'{otherwise}'
        )


def _as_floats(value: Any) -> Any:
    """Return a value with all numbers as floats, so that 1000 equals 1000.0."""
    if isinstance(value, dict):
        return {key: _as_floats(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_floats(item) for item in value]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number else value
