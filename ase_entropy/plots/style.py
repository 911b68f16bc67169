"""Styles of sets: colors, and lines, hatches and markers for prints in grey."""

import re
from collections.abc import Mapping
from typing import Any

from ase_entropy.store.escaping import visible

__all__ = [
    'Style',
    'few_ticks',
    'legend_above',
    'new_axes',
    'new_figure',
    'plain',
    'styled',
    'symbol',
]

# Okabe and Ito's colors, which the color-blind tell apart, and two more.
COLORS = (
    '#0072B2',
    '#D55E00',
    '#009E73',
    '#CC79A7',
    '#E69F00',
    '#56B4E9',
    '#000000',
    '#999933',
)
HAIR_SPACE = '\u200a'
LINES = ('-', '--', '-.', ':', (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (9, 2)))
LINES += ((0, (3, 1, 1, 1)),)
MARKERS = ('o', '^', 's', 'D', 'v', 'x', '+', '*')
HATCHES = ('', '////', '....', '\\\\\\\\', 'xxxx', '----', '++++', '||||')


class Style:
    """Color, line, marker and hatch of set number `s`."""

    def __init__(self, s: int) -> None:
        s = s % len(COLORS)
        self.color, self.line = COLORS[s], LINES[s]
        self.marker, self.hatch = MARKERS[s], HATCHES[s]


def styled(parameter: str, values: Mapping[str, Any]) -> list[tuple[str, Any, Style]]:
    """Return name, values and style of each set that is drawn.

    Raises
    ------
    ValueError
        No sets, or not by their names.

    Examples
    --------
    >>> styled('densities', {})
    Traceback (most recent call last):
    ...
    ValueError: densities={}: expected a dict, by the names of one set or more
    """
    if not (isinstance(values, Mapping) and values):
        raise ValueError(
            f'{parameter}={values!r}: expected a dict, by the names of one set or more'
        )
    return [(name, value, Style(s)) for s, (name, value) in enumerate(values.items())]


def new_figure(width: float = 6.4, height: float = 4.2) -> Any:
    """Return a figure (inches) that no window shows."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout='constrained')


def new_axes(axes: Any = None) -> Any:
    """Return axes to draw in: those given, or those of a new figure."""
    return new_figure().add_subplot() if axes is None else axes


def few_ticks(axes: Any) -> None:
    """Make the vertical axis logarithmic, with plain numbers within a decade, too."""
    from matplotlib.ticker import LogLocator, NullLocator

    axes.set_yscale('log')
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter('{x:g}')


def plain(name: str) -> str:
    r"""Return the name of a set with the characters escaped that Matplotlib interprets.

    Text between dollars would be a formula, a name that begins with "_" would be left
    out of legends, and control characters would break the SVG.

    Examples
    --------
    >>> print(plain('5$ or 6$'))
    5\$ or 6\$
    """
    name = visible(name).replace('$', r'\$')
    return f'{HAIR_SPACE}{name}' if name.startswith('_') else name


def symbol(name: str) -> str:
    """Return a text in which names of components are formulas.

    Examples
    --------
    >>> symbol('mean B(1,0,1)')
    'mean $B_{1,0,1}$'
    """
    return re.sub(r'\b([A-Za-z])\(([\d,]+)\)', r'$\1_{\2}$', name)


def legend_above(axes: Any) -> None:
    """Put the legend above the axes; it may be wider than they are."""
    columns = 4
    lines = -(-len(axes.get_legend_handles_labels()[1]) // columns)
    axes.set_title('\n'.join([' '] * lines))  # keeps the place
    axes.legend(
        frameon=False,
        borderpad=0.0,
        loc='lower left',
        bbox_to_anchor=(0, 1),
        ncols=columns,
        fontsize='small',
    ).set_in_layout(False)
