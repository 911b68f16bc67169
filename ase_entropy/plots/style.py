"""Styles of sets: colors, and lines, hatches and markers for prints in grey."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ase_entropy.store.escaping import visible

__all__ = [
    'COLORS',
    'INSIDE',
    'ROWS',
    'STYLES',
    'Style',
    'add_legend',
    'column_width',
    'few_ticks',
    'legend_above',
    'legend_below',
    'new_axes',
    'new_figure',
    'plain',
    'step_of',
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
LINES = ('-', '--', '-.', ':', (0, (5, 1, 1, 1, 1, 1)), (0, (9, 2)), (0, (3, 5)))
LINES += ((0, (4, 1.5, 4, 1.5, 1, 1.5)),)
MARKERS = ('o', '^', 's', 'D', 'v', 'x', '+', '*')
HATCHES = ('', '////', '....', '\\\\\\\\', 'xxxx', '----', '++++', '||||')
STYLES = len(COLORS) ** 2  # sets that look different
INSIDE = 8  # entries of a legend; a longer one stands beside the axes
ROWS = 16  # of a legend beside the axes
SMALL = {'fontsize': 'x-small', 'frameon': False, 'borderaxespad': 0.3}


def step_of(points: int, most: int) -> int:
    """Return which of so many points are drawn: every one, every second, ...

    Examples
    --------
    >>> step_of(100, 3000), step_of(7000, 3000)
    (1, 3)
    """
    return 1 + points // most


class Style:
    """Color, line, marker and hatch of set number `s`.

    In every round of colors, each comes with another line, marker and hatch. In grey,
    line and marker, or line and hatch, tell half as many sets apart.
    """

    def __init__(self, s: int) -> None:
        around, s = divmod(s % STYLES, len(COLORS))
        self.color = COLORS[s]
        self.line = LINES[(s + around) % len(LINES)]
        other = (s + 3 * around) % len(MARKERS)
        self.marker, self.hatch = MARKERS[other], HATCHES[other]


def styled(parameter: str, values: Mapping[str, Any]) -> list[tuple[str, Any, Style]]:
    """Return name, values and style of each set that is drawn; None is left out.

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
    several = enumerate(values.items())
    return [
        (name, value, Style(s)) for s, (name, value) in several if value is not None
    ]


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


def add_legend(axes: Any, **options: Any) -> Any:
    """Put a legend into the axes, or beside them where it is long; return it.

    Where the figure has these axes only, it becomes wider for that.
    """
    _, labels = axes.get_legend_handles_labels()
    if len(labels) > INSIDE:
        columns = -(-len(labels) // ROWS)
        options |= {**SMALL, 'loc': 'upper left', 'bbox_to_anchor': (1, 1)}
        options['ncols'] = columns
        if len(axes.figure.axes) == 1:
            width = columns * column_width(labels)
            axes.figure.set_figwidth(axes.figure.get_figwidth() + width)
    return axes.legend(**{'frameon': False, **options})


def legend_below(figure: Any, axes: Any) -> Any:
    """Move the legend of axes below all panels of a figure, which becomes higher."""
    handles, labels = axes.get_legend_handles_labels()
    axes.get_legend().remove()
    columns = max(1, int(figure.get_figwidth() / column_width(labels)))
    lines = -(-len(labels) // columns)
    figure.set_figheight(figure.get_figheight() + 0.15 * lines)
    return figure.legend(
        handles, labels, loc='outside lower center', ncols=columns, **SMALL
    )


def column_width(labels: Sequence[str]) -> float:
    """Return about how wide (inches) a column of a small legend is."""
    return 0.6 + 0.06 * max(map(len, labels))


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
