"""The page of a report: one HTML file that needs no other."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

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
    parts = [
        f'<h1>{text(title)}</h1>',
        _verdict(verdict),
        _contents(tables, figures),
        '<h2 id=read>How to read it</h2>',
        f'<p class=small>{text(INTRODUCTION.format(reference))}</p>',
    ]
    if notes:
        items = ''.join(f'<li>{text(note)}</li>\n' for note in notes)
        parts.append(f'<ul class=notes>\n{items}</ul>')
    parts.append('<h2 id=tables>Tables</h2>')
    parts += [
        f'<section id=table-{table.name}><h3>{_heading(table)}</h3>\n'
        f'{table.html(folded=table.folded or len(table.rows) > LONG)}</section>'
        for table in tables
    ]
    if figures:
        parts.append('<h2 id=figures>Figures</h2>')
    parts += map(_figure, figures)
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
    """Return the three sentences, and the commands that go with the last."""
    sentences = (verdict.there, verdict.missing, verdict.todo)
    parts = [f'<p>{html_text(sentence)}</p>\n' for sentence in sentences]
    commands = '\n'.join(map(html_text, verdict.commands))
    parts += [f'<pre><code>{commands}</code></pre>\n'] if commands else []
    return f'<section id=verdict>\n<h2>Verdict</h2>\n{"".join(parts)}</section>'


def _contents(tables: Sequence[Table], figures: Sequence[Drawing]) -> str:
    """Return links to everything that comes after the verdict."""
    tables_ = [(f'table-{table.name}', _heading(table)) for table in tables]
    figures_ = [(f'figure-{own.name}', html_text(own.title)) for own in figures]
    parts = [
        _link('read', 'How to read it'),
        _link('tables', 'Tables') + _links(tables_),
        *([_link('figures', 'Figures') + _links(figures_)] if figures else []),
        _link('made', 'How it was made'),
    ]
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
