"""ASE databases and files: opened with care, written whole or not at all.

What is not about physics when a configuration is kept: the ledger of campaigns,
transactions, prepared rows, the order of rows, and files that appear complete under
their name.
"""

from ase_entropy.store.arrays import restore
from ase_entropy.store.atomic_files import new_file, new_folder
from ase_entropy.store.database import open_database, without_password
from ase_entropy.store.ledger import Campaign, campaigns
from ase_entropy.store.rows import ordered_ids, read_keys, rows_of
from ase_entropy.store.transactions import write_rows

__all__ = [
    'Campaign',
    'campaigns',
    'new_file',
    'new_folder',
    'open_database',
    'ordered_ids',
    'read_keys',
    'restore',
    'rows_of',
    'without_password',
    'write_rows',
]
