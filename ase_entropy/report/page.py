"""The page of a report: one HTML file that needs no other."""

import base64
from collections.abc import Sequence
from pathlib import Path

from ase_entropy.report.tables.table import Table
from ase_entropy.store.escaping import html_text

__all__ = ['is_page', 'page']

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
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto;
  padding: 0 1rem; color: #222; background: #fff; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #bbb; }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; height: auto; background: #fff; }
figcaption, .small { color: #555; font-size: 0.9rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.85rem; }
th, td { padding: 0.2rem 0.6rem; border-bottom: 1px solid #ddd; text-align: left;
  white-space: nowrap; }
th { white-space: normal; vertical-align: bottom; }
td { font-variant-numeric: tabular-nums; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.notes { border-left: 4px solid #d55e00; padding-left: 2rem; }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818; }
  figcaption, .small { color: #aaa; }
  th, td { border-color: #444; }
  figure img { border-radius: 4px; padding: 4px; }
}
@media print {
  body { color: #000; background: #fff; max-width: none; margin: 0; }
  figcaption, .small { color: #333; }
  figure, tr { break-inside: avoid; }
  .wide { overflow: visible; }
  table { font-size: 0.6rem; }
  th, td { border-color: #bbb; padding: 0.1rem 0.3rem; }
}
"""


def page(
    title: str,
    reference: str,
    facts: Sequence[str],
    notes: Sequence[str],
    tables: Sequence[Table],
    figures: Sequence[tuple[str, str, str, bytes]],
) -> str:
    """Return a page of HTML without anything that has to be loaded.

    Parameters
    ----------
    title : str
        Its heading.
    reference : str
        Name of the set that makes the scale.
    facts : sequence of str
        How it was made.
    notes : sequence of str
        What a reader has to know.
    tables : sequence of Table
        The tables.
    figures : sequence of (name, title, caption, svg)
        The figures.
    """
    text = html_text
    parts = [f'<h1>{text(title)}</h1>']
    parts.append(f'<p class=small>{text(INTRODUCTION.format(reference))}</p>')
    if notes:
        items = ''.join(f'<li>{text(note)}</li>\n' for note in notes)
        parts.append(f'<ul class=notes>\n{items}</ul>')
    short = [table for table in tables if len(table.rows) <= LONG]
    long = [table for table in tables if len(table.rows) > LONG]
    parts.append('<h2>Tables</h2>')
    parts += _sections(short)
    for name, heading, caption, svg in figures:
        data = base64.b64encode(svg).decode()
        parts.append(
            f'<h2>{text(heading)}</h2>\n<figure id=figure-{name}>'
            f'<img alt="{text(heading)}: {text(caption)}" '
            f'src="data:image/svg+xml;base64,{data}">'
            f'<figcaption>{text(caption)}</figcaption></figure>'
        )
    if long:
        parts.append('<h2>Long tables</h2>')
        parts += _sections(long)
    parts.append('<h2>How it was made</h2>')
    parts.append(f'<pre class=small>{chr(10).join(map(text, facts))}</pre>')
    body = '\n'.join(parts)
    return (
        '<!DOCTYPE html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n'
        '<meta name=viewport content="width=device-width, initial-scale=1">\n'
        f'<link rel=icon href="data:,">\n{MARK}\n'
        f'<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n'
        f'<body>\n{body}\n</body>\n</html>\n'
    )


def is_page(path: Path) -> bool:
    """Return whether a file is the page of a report."""
    with open(path, encoding='utf-8', errors='replace') as file:
        head = file.read(1000)
    return MARK in head or EARLIER in head


def _sections(tables: Sequence[Table]) -> list[str]:
    return [f'<section id=table-{t.name}>{t.html()}</section>' for t in tables]
