"""A study in a Jupyter notebook: a short table of its sets."""

from typing import Any

import numpy as np

from ase_entropy.report.notes import merged
from ase_entropy.sets.summary import spread
from ase_entropy.store.escaping import html_table, html_text

__all__ = ['study_html']

HEADER = ['set', 'configurations', 'atoms', 'in each', 'elements']
HEADER += ['shortest pair (Å)', 'S (nats)']
NOTES = 5
MORE = 'Figures and tables: write_report(study, folder).'


def study_html(results: Any) -> str:
    """Return the sets of a study as a table in HTML, with the first notes on them.

    Parameters
    ----------
    results : Study
        The numbers.
    """
    notes = merged(results.notes, [dataset.name for dataset in results.sets])
    shown = notes[:NOTES]
    if len(notes) > NOTES:
        shown.append(f'{len(notes) - NOTES} more notes')
    items = ''.join(f'<li>{html_text(note)}</li>\n' for note in shown)
    table = html_table(HEADER, [_row(results, dataset) for dataset in results.sets])
    return f'{table}<ul>\n{items}<li>{html_text(MORE)}</li>\n</ul>\n'


def _row(results: Any, dataset: Any) -> list[Any]:
    measured = []
    for numbers in (results.shortest, results.entropy):
        x_m = numbers.get(dataset.name, np.array([]))
        finite = x_m[np.isfinite(x_m)]
        measured.append(spread(finite) if len(finite) else '')
    return [
        dataset.name,
        len(dataset),
        len(dataset.q_ek),
        spread(np.diff(dataset.first_m)),
        ', '.join(dataset.species),
        *measured,
    ]
