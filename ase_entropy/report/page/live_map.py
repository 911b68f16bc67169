"""The map of descriptor space as numbers for the script of the page."""

import json
from importlib.resources import files
from typing import Any

import numpy as np
from ase.data import chemical_symbols, covalent_radii
from ase.data.colors import jmol_colors

from ase_entropy.plots.style import Style
from ase_entropy.report.specimens import LARGEST, Specimen
from ase_entropy.sets.dataset import Dataset
from ase_entropy.store.escaping import html_text, visible

__all__ = ['live_map', 'live_map_html']

PLACES = 4  # decimals of places in the map, of which 0 to 1 is the width
HOW = (
    'Point at an environment to see its configuration, click to keep it; drag the '
    'atoms to turn them. With the keyboard: arrows in the map go from one point to the '
    'next, in the drawing they turn it. The other environments of the configuration '
    'have a ring. '
)


def live_map(results: Any, axes: Any) -> dict | None:
    """Return sets, points and configurations of the map, with the axes of the figure.

    Parameters
    ----------
    results : Study
        The numbers.
    axes : matplotlib Axes
        The figure that they are drawn in, which has limits and ticks.
    """
    sets, specimens, points = [], [], []
    place = axes.transData + axes.transAxes.inverted()
    xlim, ylim = axes.get_xlim(), axes.get_ylim()  # the transform knows them now
    for s, dataset in enumerate(results.sets):
        own, style = results.specimens.get(dataset.name), Style(s)
        sets.append([visible(dataset.name), style.color, style.marker])
        if own is None or not own.found:
            continue
        number = {m: len(specimens) + x for x, m in enumerate(own.found)}
        specimens += [_as_json(results, dataset, m, own.found[m], s) for m in own.found]
        m_p = np.searchsorted(dataset.first_m, own.chosen_e, side='right') - 1
        x_pc = place.transform(results.projections[dataset.name][own.chosen_e])
        for m, e, x_c in zip(m_p.tolist(), own.chosen_e.tolist(), x_pc, strict=True):
            atom = e - int(dataset.first_m[m])
            points.append([*x_c.round(PLACES).tolist(), number[m], atom])
    if not points:
        return None
    return {
        'sets': sets,
        'points': points,
        'specimens': specimens,
        'elements': _elements(results),
        'x': [axes.get_xlabel(), _ticks(axes.get_xticks(), xlim, place, 0)],
        'y': [axes.get_ylabel(), _ticks(axes.get_yticks(), ylim, place, 1)],
        'thinned': _thinned(results),
    }


def _as_json(
    results: Any, dataset: Dataset, m: int, own: Specimen, s: int
) -> dict[str, Any]:
    """Return a configuration: what is said of it, and its atoms."""
    entropy, atoms = results.entropy[dataset.name][m], own.atoms
    said = [visible(dataset.label(m)), atoms.get_chemical_formula()]
    said.append(f'{len(atoms)} atom{"" if len(atoms) == 1 else "s"}')
    said += [f'S = {entropy:.3f} nats'] if np.isfinite(entropy) else []
    said += [f'E = {own.energy:.4f} eV/atom'] if own.energy is not None else []
    if len(atoms) > LARGEST:
        return {'set': s, 'said': [*said, 'too many to be drawn here']}
    return {
        'set': s,
        'said': said,
        'numbers': atoms.numbers.tolist(),
        'places': atoms.positions.round(2).ravel().tolist(),
        'cell': atoms.cell.array.round(2).tolist() if atoms.cell.rank else [],
    }


def _elements(results: Any) -> dict[int, list]:
    """Return symbol, color and radius (Angstrom) by atomic numbers."""
    numbers = np.unique(np.concatenate([d.numbers_e for d in results.sets])).tolist()
    colors = {
        z: '#' + ''.join(f'{round(255 * float(x)):02x}' for x in jmol_colors[z])
        for z in numbers
    }
    return {
        z: [chemical_symbols[z], colors[z], round(float(covalent_radii[z]), 2)]
        for z in numbers
    }


def _ticks(ticks: Any, limits: tuple, place: Any, direction: int) -> list:
    """Return place and text of the ticks of an axis."""
    inside = [float(x) for x in ticks if min(limits) <= x <= max(limits)]
    points_pc = np.zeros((len(inside), 2))
    points_pc[:, direction] = inside
    x_p = place.transform(points_pc)[:, direction] if inside else []
    return [
        [round(float(u), PLACES), f'{x:g}'] for u, x in zip(x_p, inside, strict=True)
    ]


def _thinned(results: Any) -> str:
    """Return how many of the environments and configurations are in the map."""
    parts = [
        f'{len(own.chosen_e):,} of the {len(d.q_ek):,} environments of {d.name}, from '
        f'{len(own.found):,} of its {len(d):,} configurations'
        for d in results.sets
        if (own := results.specimens.get(d.name)) and len(own.chosen_e) < len(d.q_ek)
    ]
    return f'Points are {"; ".join(parts)}, evenly spaced.' if parts else ''


def live_map_html(data: dict, caption: str) -> str:
    """Return the map as HTML: places to draw in, the numbers, and the script."""
    numbers = json.dumps(data, ensure_ascii=True, separators=(',', ':'))
    numbers = numbers.replace('<', '\\u003c')  # no tag can begin in it
    script = files('ase_entropy.report.page').joinpath('live_map.js').read_text('utf-8')
    return (
        f'<div id=live-map hidden>\n'
        '<div class=sets role=group aria-label=Sets></div>\n'
        '<div class=panels>\n<canvas class=plane tabindex=0 role=img '
        f'aria-label="{html_text(caption)}"></canvas>\n'
        '<div><canvas class=drawing tabindex=0 role=img '
        'aria-label="The configuration that is chosen in the map"></canvas>\n'
        '<p class=said aria-live=polite></p></div>\n</div>\n'
        f'<p class=small>{html_text(HOW + data["thinned"])}</p>\n</div>\n'
        f'<script type="application/json" id=live-map-numbers>{numbers}</script>\n'
        f'<script>{script}</script>\n'
    )
