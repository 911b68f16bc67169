"""Ask a harvested database for its best rows: python query_minima.py w.db."""

import sys

from ase.db import connect

from ase_entropy import EntropyCalculator

database = connect(sys.argv[1])
print(database.metadata['title'], '-', database.count(), 'rows')

print('\nMost diverse rows without very short pairs:')
for row in database.select('min_distance>1.8', sort='-entropy', limit=5):
    print(
        f'  id {row.id:3}  {row.formula}  S = {row.entropy:.3f} nats'
        f'  E_rep = {row.e_rep:6.1f} eV  shortest pair {row.min_distance:.2f} A'
    )

# A row is an Atoms object again, and knows the calculator that made it.
row = next(database.select(sort='-entropy', limit=1))
atoms = row.toatoms(add_additional_information=True)
atoms.calc = EntropyCalculator.fromdict(row.data['calculator'], database)
print(f'\nV of row {row.id}, again: {atoms.get_potential_energy():.6f} eV')
print(f'V of row {row.id}, stored: {row.effective_energy:.6f} eV')
print('its descriptors:', row.data['q_nk'].shape)

# For the reference calculations of a training set: plain extended xyz.
atoms.calc = None
atoms.write('best.xyz', plain=True)
