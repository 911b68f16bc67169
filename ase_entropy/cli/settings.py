"""Settings of rows and campaigns, as lines of text."""

import re
from typing import Any

from ase import units

from ase_entropy.parts import take_arrays
from ase_entropy.starts import Structure
from ase_entropy.store.ledger import Campaign

__all__ = ['settings_in', 'settings_of', 'wrapped']

WIDTH = 79
NOT_OURS = (AttributeError, KeyError, TypeError, ValueError)  # settings of other hands


def settings_in(row: Any) -> str:
    """Return the settings that a row holds, or that there are none, on lines."""
    try:
        dynamics, calculator = row.data['dynamics'], row.data['calculator']
        estimator = dynamics.get('estimator', calculator['estimator'])
        parts = {**calculator, 'estimator': estimator}
        begin = [f'{row.formula}, version {row.get("version", "unknown")}']
        name = row.get('recipe', 'anneal')
        schedule, quench = dynamics['schedule'], row.data.get('quench')
        return _lines(begin, name, schedule, dynamics, quench, parts)
    except NOT_OURS:
        return f'{row.formula}, no settings stored'


def settings_of(campaign: Campaign, name: str) -> str:
    """Return the settings of a campaign, or that there are none, on lines."""
    recipe = campaign.recipe
    try:
        if 'parts' in recipe:
            return _lines_of_set(campaign)
        begin = [*_lines_of_start(recipe['start']), f'version {campaign.version}']
        schedule, motion, ladder = (recipe[x] for x in ('schedule', 'motion', 'ladder'))
        if campaign.sizes:
            begin.append(f'sizes: {campaign.sizes}')
        return _lines(begin, name, schedule, motion, ladder, recipe)
    except NOT_OURS:
        return 'none stored'


def _lines_of_set(campaign: Campaign) -> str:
    """Return a line for each part of the recipe of a set, and what parts share."""
    recipe = campaign.recipe
    parts, once = recipe['parts'], recipe['once']
    total = sum(part['weight'] for part in parts)
    shares = [(f'{part["weight"] / total:.0%}', part['recipe']) for part in parts]
    lines = [f'version {campaign.version}']
    for share, part in shares + ([('once', once)] if once else []):
        lines.append(f'{share} {_plain(part["start"])}')
        for name in ('schedule', 'ladder', 'perturbation'):
            if part.get(name) is not None:
                lines.append(f'  {name} {part[name]}')
    if campaign.sizes:
        lines.append(f'sizes: {campaign.sizes}')
    lines += _parts(parts[0]['recipe'])
    return '\n    '.join(map(wrapped, lines))


def _lines_of_start(start: dict) -> list[str]:
    """Return a start on a line, those of a mixture on one each."""
    if start['name'] != 'Mixture':
        return [f'start {_plain(start)}']
    total = sum(part['weight'] for part in start['parts'])
    parts = [
        f'  {part["weight"] / total:.0%} {_plain(part["start"])}'
        for part in start['parts']
    ]
    return ['start Mixture', *parts]


def _plain(start: dict) -> dict:
    """Return a start with words in place of atoms."""
    name = start.get('name')
    if name == 'Structure':
        return {'name': name, 'formula': Structure(start['text']).formula}
    if name == 'Given':
        size_m = start['size_m']
        number = size_m['shape'][0] if isinstance(size_m, dict) else len(size_m)
        return {'name': name, 'configurations': number}
    if name == 'Mixture':
        return {'name': name, 'parts': [_plain(x['start']) for x in start['parts']]}
    return {
        key: _plain(x) if key == 'start' else x
        for key, x in start.items()
        if x is not None
    }


def _lines(
    begin: list[str], name: str, schedule: dict, motion: dict, quench: Any, parts: dict
) -> str:
    lines = [
        *begin,
        f'recipe {name}',
        f'schedule {schedule}',
        f'time step {motion["timestep"] / units.fs:.4g} fs, '
        f'friction {motion["friction"] * units.fs:.4g}/fs, '
        f'{motion["shuffle_friction"] * units.fs:.4g}/fs in the shuffle',
        f'quench {quench}',
    ]
    return '\n    '.join(map(wrapped, lines + _parts(parts)))


def _parts(parts: dict) -> list[str]:
    """Return descriptor, estimator, repulsion, and base if any, a line each."""
    names = ['descriptor', 'estimator', 'repulsion'] + ['base'] * ('base' in parts)
    return [f'{x} {_without_arrays(take_arrays(parts[x], {}))}' for x in names]


def wrapped(line: str) -> str:
    """Return a line broken after commas, the rest of it farther in."""
    lines, farther = [''], (2 + len(line) - len(line.lstrip())) * ' '
    for part in re.split(r'(?<=,) ', line):
        if lines[-1] and len(lines[-1]) + len(part) + 5 > WIDTH:
            lines.append(farther + part)
        else:
            lines[-1] += f' {part}' if lines[-1] else part
    return '\n    '.join(lines)


def _without_arrays(dct: Any) -> Any:
    """Return a dictionary with the shapes of its large arrays in their place."""
    if not isinstance(dct, dict):
        return dct
    if set(dct) == {'sha256', 'shape'}:
        return f'{" x ".join(map(str, dct["shape"]))} numbers'
    return {key: _without_arrays(value) for key, value in dct.items()}
