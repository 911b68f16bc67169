"""The page of a report: one HTML file that needs no other."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ase_entropy.report.page.live_map import live_map_html
from ase_entropy.report.page.style import STYLE
from ase_entropy.report.tables.table import Table
from ase_entropy.report.verdict import Verdict
from ase_entropy.store.escaping import html_text

__all__ = ['Drawing', 'is_page', 'page']

INTRODUCTION = (
    'An environment is an atom with its neighbors; its descriptors are the components. '
    'Deviations are standard deviations of the components in the reference, {}. S is '
    'the nearest-neighbor entropy of the environments of a configuration; rows of a '
    'harvest have, besides, the repulsive energy E_rep and the weight K of the entropy '
    'in V = E_rep - K S, at the end of a descent in V, or, unbiased, of hot motion '
    'without entropy (K = 0). The paper is M. Karabin and D. '
    'Perez, J. Chem. Phys. 153, 094110 (2020), arXiv:2002.07876.'
)
MARK = '<meta name=generator content=ase_entropy>'
EARLIER = '<title>Sets: '  # of pages without a mark
OF_COVERAGE = ('coverage', 'absent', 'halves', 'distances', 'ratios')
OF_COVERAGE += ('elements', 'groups')
SECTIONS = {  # heading: tables, figures; the last has all others
    'Map': ((), ('map',)),
    'What it covers': (OF_COVERAGE, ('coverage', 'distances')),
    'Sizes, densities, compositions, pairs': (
        ('sets', 'starts', 'sizes', 'pairs'),
        ('variety', 'sizes', 'pairs'),
    ),
    'Energies and forces': (('labels',), ('labels',)),
    'Redundancy': (('redundancy', 'duplicates'), ('redundancy',)),
    'More figures, those of the paper among them': ((), ()),
}
LONG = 12  # rows of a table that comes after the figures
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
POLICY += "script-src 'unsafe-inline'"
UNFOLD = (  # a print shows everything
    "addEventListener('beforeprint', () => "
    "document.querySelectorAll('details').forEach((part) => { part.open = true; }));"
)


class Drawing(NamedTuple):
    """A figure of the page.

    Attributes
    ----------
    name, title, caption : str
        Name of its files, heading, and what it shows.
    svg : bytes
        The figure.
    live : dict, optional
        Numbers for the script that draws it in the page, see
        :func:`~ase_entropy.report.page.live_map`.
    """

    name: str
    title: str
    caption: str
    svg: bytes
    live: dict | None = None


def page(
    title: str,
    reference: str,
    verdict: Verdict,
    facts: Sequence[str],
    notes: Sequence[str],
    tables: Sequence[Table],
    figures: Sequence[Drawing],
) -> str:
    """Return a page of HTML without anything that has to be loaded.

    Parameters
    ----------
    title : str
        Its heading.
    reference : str
        Name of the set that makes the scale.
    verdict : Verdict
        What it says in short.
    facts : sequence of str
        How it was made.
    notes : sequence of str
        What a reader has to know.
    tables : sequence of Table
        The tables.
    figures : sequence of Drawing
        The figures.
    """
    text = html_text
    sections = _sections(tables, figures)
    parts = [
        f'<h1>{text(title)}</h1>',
        _verdict(verdict),
        _contents(sections),
        *(
            part
            for number, section in enumerate(sections)
            for part in _section(number, *section)
        ),
        '<h2 id=read>How to read it</h2>',
        f'<p class=small>{text(INTRODUCTION.format(reference))}</p>',
    ]
    if notes:
        items = ''.join(f'<li>{text(note)}</li>\n' for note in notes)
        parts.append(f'<ul class=notes>\n{items}</ul>')
    parts.append('<h2 id=made>How it was made</h2>')
    parts.append(f'<pre class=small>{chr(10).join(map(text, facts))}</pre>')
    body = '\n'.join(parts)
    return (
        '<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n'
        f'<meta http-equiv=Content-Security-Policy content="{POLICY}">\n'
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f'<link rel=icon href="data:,">\n{MARK}\n'
        f'<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
        f'<body>\n<main>\n{body}\n</main>\n<script>{UNFOLD}</script>\n</body>\n</html>\n'
    )


def _verdict(verdict: Verdict) -> str:
    """Return what there is, what it is worth, what to do, and what else to know."""
    items = ''.join(f'<li>{_advice(own)}</li>\n' for own in verdict.others)
    return (
        '<section id=verdict>\n<h2>Verdict</h2>\n'
        f'<p>{html_text(verdict.there)}</p>\n'
        f'<p><strong>{html_text(verdict.judgment)}</strong></p>\n'
        f'<div class=advice>{_advice(verdict.advice)}</div>\n'
        f'<ul class=small>\n{items}</ul>\n</section>'
    )


def _advice(own: Any) -> str:
    """Return a sentence, and its command below."""
    command = f'<pre><code>{html_text(own.command)}</code></pre>' if own.command else ''
    return f'{html_text(own.sentence)}{command}'


Section = tuple[str, list[Table], list[Drawing]]


def _sections(tables: Sequence[Table], figures: Sequence[Drawing]) -> list[Section]:
    """Return headings with their tables and figures, those of no other in the last."""
    named = [{name for part in SECTIONS.values() for name in part[x]} for x in (0, 1)]
    found = [
        (
            heading,
            [table for name in names for table in tables if table.name == name],
            [own for name in drawn for own in figures if own.name == name],
        )
        for heading, (names, drawn) in SECTIONS.items()
    ]
    found[-1][1].extend(table for table in tables if table.name not in named[0])
    found[-1][2].extend(own for own in figures if own.name not in named[1])
    return [section for section in found if section[1] or section[2]]


def _section(
    number: int, heading: str, tables: list[Table], figures: list[Drawing]
) -> list[str]:
    """Return a heading, tables and figures."""
    return [
        f'<h2 id=section-{number}>{html_text(heading)}</h2>',
        *(
            f'<section id=table-{table.name}><h3>{_heading(table)}</h3>\n'
            f'{table.html(folded=table.folded or len(table.rows) > LONG)}</section>'
            for table in tables
        ),
        *map(_figure, figures),
    ]


def _contents(sections: list[Section]) -> str:
    """Return links to everything that comes after the verdict."""
    parts = []
    for number, (heading, tables, figures) in enumerate(sections):
        several = [(f'table-{table.name}', _heading(table)) for table in tables]
        several += [(f'figure-{own.name}', html_text(own.title)) for own in figures]
        link = _link(f'section-{number}', html_text(heading))
        parts.append(link + _links(several))
    parts += [_link('read', 'How to read it'), _link('made', 'How it was made')]
    items = ''.join(f'<li>{part}</li>\n' for part in parts)
    return f'<nav aria-label=Contents>\n<ul>\n{items}</ul>\n</nav>'


def _link(target: str, words: str) -> str:
    return f'<a href="#{target}">{words}</a>'


def _links(targets: Sequence[tuple[str, str]]) -> str:
    return f': {", ".join(_link(*target) for target in targets)}'


def _heading(table: Table) -> str:
    return html_text(table.name.capitalize())


def _figure(own: Drawing) -> str:
    """Return a figure under its heading; what is drawn in the page stands first."""
    data = base64.b64encode(own.svg).decode()
    title, caption = html_text(own.title), html_text(own.caption)
    words = f'{title}: {caption}'
    live = live_map_html(own.live, f'{own.title}: {own.caption}') if own.live else ''
    return (
        f'<section id=figure-{own.name}><h3>{title}</h3>\n<figure>'
        f'<div class=wide tabindex=0 role=region aria-label="{title}">'
        f'<img alt="{words}" src="data:image/svg+xml;base64,{data}"></div>\n{live}'
        f'<figcaption>{caption}</figcaption></figure></section>'
    )


def is_page(path: Path) -> bool:
    """Return whether a file is the page of a report."""
    with open(path, encoding='utf-8', errors='replace') as file:
        head = file.read(1000)
    return MARK in head or EARLIER in head
