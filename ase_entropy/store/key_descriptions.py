"""What the keys of rows mean, in the metadata of their database."""

__all__ = ['OF_LABELS', 'with_key_descriptions']

METADATA = {
    'title': 'Entropy-maximized configurations',
    'key_descriptions': {
        'stage': ['Stage', 'biased (end of a descent in V) or unbiased (hot)', ''],
        'recipe': ['Recipe', 'anneal, anneal+quench, quench, shuffle, or start', ''],
        'campaign': ['Campaign', 'Number of the campaign in this database', ''],
        'cycle': ['Cycle', 'Number of the cycle, from 0', ''],
        'walker': ['Walker', 'Number of the chain that the cycle is part of', ''],
        'start': ['Start', 'What the walker started from', ''],
        'strain': ['Strain', 'Norm of the strain after the quench', ''],
        'rattle': ['Rattle', 'Displacements after the quench', 'Ang'],
        'stretch': ['Stretch', 'Relative volume after the quench', ''],
        'gain': ['Gain', 'dS/d ln N of the set as it was before', 'nats'],
        'seed': ['Seed', 'Seed of the generator of this cycle', ''],
        'attempts': ['Attempts', 'Times that the cycle was started', ''],
        'entropy': ['S', 'Exact nearest-neighbor entropy of the descriptors', 'nats'],
        'entropy_model': ['S in V', 'Entropy by the estimator that V has', 'nats'],
        'e_base': ['E_base', 'Energy of the base, a part of V', 'eV'],
        'e_rep': ['E_rep', 'Repulsive energy', 'eV'],
        'k_entropy': ['K', 'Entropy scaling coefficient at the end', 'eV'],
        'k_per_atom': ['K per atom', 'The same over the number of atoms', 'eV'],
        'effective_energy': [
            'V',
            'Effective energy E_base + E_rep - K S, not the energy of a material',
            'eV',
        ],
        'max_force': [
            'Force of V',
            'Largest force in the effective energy V, not that of a material',
            'eV/Ang',
        ],
        'converged': ['Converged', 'Largest force below the limit asked for', ''],
        'orders': ['Orders', 'Orders of the entropy in the quench', ''],
        'evaluations': ['Evaluations', 'Evaluations of V, all steps and quench', ''],
        'min_distance': ['Shortest pair', 'Shortest distance of a pair', 'Ang'],
        'temperature_k': ['T_hot', 'Temperature of the shuffle', 'K'],
        'final_temperature_k': ['T_end', 'Kinetic temperature at the end', 'K'],
        'steps': ['Steps', 'Steps of the dynamics in this cycle', ''],
        'version': ['Version', 'Version of ase_entropy that wrote the row', ''],
    },
    'default_columns': [
        'id',
        'stage',
        'cycle',
        'formula',
        'entropy',
        'e_rep',
        'min_distance',
        'k_entropy',
        'effective_energy',
        'max_force',
    ],
}
OF_LABELS = {
    'title': 'Labeled configurations',
    'key_descriptions': {
        **METADATA['key_descriptions'],
        'labeled_by': ['Labeled by', 'What made the calculator of the labels', ''],
        'left_out': ['Left out', 'Which label is beyond its bound: force, energy', ''],
    },
    'default_columns': ['id', 'formula', 'energy', 'fmax', 'left_out', 'labeled_by'],
}
OLD_COLUMNS = [*METADATA['default_columns'][:-2], 'energy', 'fmax']  # of version 0.1


def with_key_descriptions(metadata: dict, ours: dict = METADATA) -> dict:
    """Return the metadata of a database with the descriptions of all keys added.

    Title and columns stay as they are, if there are some.
    """
    keys = 'key_descriptions'
    known = metadata.get(keys)
    if not isinstance(known, dict):
        known = {}
    if metadata.get('default_columns') == OLD_COLUMNS:
        metadata = {**metadata, 'default_columns': METADATA['default_columns']}
    return {**ours, **metadata, keys: {**ours[keys], **known}}
