"""The report as files: figures, tables, one page."""

import contextlib
import io
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ase_entropy import __version__
from ase_entropy.report.figures import Picture, pictures
from ase_entropy.report.notes import merged
from ase_entropy.report.page import Drawing, is_page, page
from ase_entropy.report.tables import tables
from ase_entropy.report.verdict import verdict
from ase_entropy.sets.environments import descriptor_text
from ase_entropy.sets.sources import printable
from ase_entropy.store.atomic_files import FILE, FOLDER, check_kind, new_files
from ase_entropy.store.escaping import markdown_text

__all__ = ['LOG', 'make_folder', 'missing_folders', 'remove_empty', 'write_report']

DPI = 150
PAGE, LOG = 'index.html', 'report.log'
WRITTEN = (PAGE, 'figures/*.png', 'figures/*.svg', 'tables/*.csv', 'tables/*.md')


def make_folder(folder: str | Path) -> Path:
    """Make the folder of a report, if it is not there.

    Raises
    ------
    ValueError
        There is a file of this name, the folder cannot be written, or it holds
        something that a report would replace and none has written.
    """
    folder = Path(folder).expanduser()
    missing = missing_folders(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_foreign(folder)
        for part in (folder, folder / 'figures', folder / 'tables'):
            if part.exists():
                tempfile.TemporaryFile(dir=part).close()
    except OSError as error:
        remove_empty(missing)
        raise ValueError(
            f"folder='{folder}': cannot be written ({error.strerror}), expected the "
            'name of a folder'
        ) from error
    return folder


def missing_folders(folder: Path) -> list[Path]:
    """Return what has to be made for a folder to be there, the folder first."""
    return [path for path in (folder, *folder.parents) if not os.path.exists(path)]


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders, those inside others first, as far as nothing is in them."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _check_foreign(folder: Path) -> None:
    """Raise ValueError if a report would replace what none has written."""
    for name in ('figures', 'tables'):
        check_kind(folder / name, FOLDER, 'a folder of its own')
    for name in (PAGE, LOG):
        check_kind(folder / name, FILE, 'a file of its own')
    ours = (folder / PAGE).exists() and is_page(folder / PAGE)
    for path in (path for pattern in WRITTEN for path in folder.glob(pattern)):
        check_kind(path, FILE, 'a file of its own')
        if not ours:
            raise ValueError(
                f"folder='{folder}': holds '{path.relative_to(folder)}', which no "
                'report has written, expected another folder (or delete it yourself)'
            )


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
        Where to; made if it does not exist. All files appear at the end, and those of
        an earlier report are replaced.
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
        As in :func:`make_folder`.
    """
    folder = make_folder(folder)
    made = tables(results)
    with new_files(folder) as new:
        for name in ('figures', 'tables'):
            (new / name).mkdir()
        for table in made:
            path = new / 'tables' / table.name
            path.with_suffix('.csv').write_text(table.csv(), encoding='utf-8')
            text = f'{markdown_text(table.title)}\n\n{table.markdown()}'
            path.with_suffix('.md').write_text(text, encoding='utf-8')
        figures = [
            _draw(picture, new / 'figures', report) for picture in pictures(results)
        ]
        names = [dataset.name for dataset in results.sets]
        said = verdict(results)
        text = page(
            f'Sets: {", ".join(names)}',
            results.reference.name,
            said,
            _facts(results, facts),
            merged(results.notes, names),
            made,
            figures,
        )
        (new / PAGE).write_text(text, encoding='utf-8')
    for line in said.lines():
        report(line)
    written = {table.name for table in made} | {figure.name for figure in figures}
    if others := _others(folder, written):
        report(f'note: not of this report: {", ".join(others)}')
    return folder / PAGE


def _draw(picture: Picture, folder: Path, report: Callable[[str], None]) -> Drawing:
    """Write a figure as PNG and SVG; return what the page shows of it."""
    report(f'figure: {picture.name}')
    path = folder / picture.name
    picture.figure.savefig(path.with_suffix('.png'), dpi=DPI)
    picture.figure.set_layout_engine('none')  # keep what was just worked out
    svg = _svg(picture.figure)
    path.with_suffix('.svg').write_bytes(svg)
    return Drawing(picture.name, picture.title, picture.caption, svg, picture.live)


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
        f'ase_entropy {__version__}',
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
