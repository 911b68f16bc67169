"""The report as files: figures, tables, one page."""

import io
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ase_entropy.report.figures import pictures
from ase_entropy.report.page import page
from ase_entropy.report.tables import tables
from ase_entropy.sets.environments import descriptor_text
from ase_entropy.sets.sources import printable

__all__ = ['make_folder', 'write_report']

DPI = 150


def make_folder(folder: str | Path) -> Path:
    """Make the folder of a report.

    Raises
    ------
    ValueError
        There is a file of this name, or the folder cannot be written.
    """
    folder = Path(folder).expanduser()
    try:
        for part in (folder, folder / 'figures', folder / 'tables'):
            part.mkdir(parents=True, exist_ok=True)
            (part / '.write_test').touch()
            (part / '.write_test').unlink()
    except OSError as error:
        raise ValueError(
            f"folder='{folder}': cannot be written ({error.strerror}), expected the "
            'name of a folder'
        ) from error
    return folder


def write_report(
    results: Any,
    folder: str | Path,
    *,
    facts: list[str] | None = None,
    report: Callable[[str], None] = print,
) -> Path:
    """Write figures (PNG, SVG), tables (CSV, Markdown) and a page with all of them.

    Parameters
    ----------
    results : Study
        The numbers, from :func:`study`.
    folder : str or Path
        Where to; made if it does not exist. Files of the same name are replaced.
    facts : list of str, optional
        Lines on how the report was made, for the end of the page.
    report : callable
        Takes lines on the progress.

    Returns
    -------
    Path
        ``index.html``, which needs no other file.

    Raises
    ------
    ValueError
        The folder cannot be written.
    """
    folder = make_folder(folder)
    made = tables(results)
    for table in made:
        path = folder / 'tables' / table.name
        path.with_suffix('.csv').write_text(table.csv(), encoding='utf-8')
        text = f'{table.title}\n\n{table.markdown()}'
        path.with_suffix('.md').write_text(text, encoding='utf-8')
    figures = []
    for picture in pictures(results):
        report(f'figure: {picture.name}')
        path = folder / 'figures' / picture.name
        picture.figure.savefig(path.with_suffix('.png'), dpi=DPI)
        picture.figure.set_layout_engine('none')  # keep what was just worked out
        svg = _svg(picture.figure)
        path.with_suffix('.svg').write_bytes(svg)
        figures.append((picture.name, picture.title, picture.caption, svg))
    names = ', '.join(dataset.name for dataset in results.sets)
    text = page(
        f'Sets: {names}',
        results.reference.name,
        _facts(results, facts),
        results.notes,
        made,
        figures,
    )
    path = folder / 'index.html'
    path.write_text(text, encoding='utf-8')
    written = {table.name for table in made} | {figure[0] for figure in figures}
    if others := _others(folder, written):
        report(f'note: not of this report: {", ".join(others)}')
    return path


def _others(folder: Path, written: set[str]) -> list[str]:
    """Return files beside those of a report, such as those of an earlier one."""
    files = [*folder.glob('figures/*'), *folder.glob('tables/*')]
    names = [file.relative_to(folder).as_posix() for file in files]
    return sorted(n for n in names if Path(n).stem not in written)


def _svg(figure: Any) -> bytes:
    from matplotlib import rc_context

    buffer = io.BytesIO()
    with rc_context({'svg.hashsalt': 'ase_entropy'}):
        figure.savefig(buffer, format='svg', dpi=DPI, metadata={'Date': None})
    return buffer.getvalue()


def _facts(results: Any, facts: list[str] | None) -> list[str]:
    reference = results.reference
    lines = [
        f'ase_entropy {version("ase-entropy")}',
        f'reference: {reference.name}',
        f'descriptor: {descriptor_text(reference.descriptor)}',
    ]
    for dataset in results.sets:
        lines.append(
            f'{dataset.name}: {printable(dataset.path)}; descriptors of '
            f'{dataset.computed} of {len(dataset)} configurations computed, others '
            'stored'
        )
    return [*lines, *(facts or [])]
