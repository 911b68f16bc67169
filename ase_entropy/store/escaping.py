"""Text from files, made safe for terminals, figures, tables and pages.

Names, groups, stages and keys come from files of anybody. A terminal would obey the
control characters in them, a spreadsheet compute what begins with "=", and a browser
take "<" for a tag.
"""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ['csv_cell', 'html_table', 'html_text', 'markdown_text', 'visible']

FORMULA = ('=', '+', '-', '@')
MARKDOWN = re.compile(r'[\\`*\[\]|~$]|\b_|_\b')


def visible(text: Any) -> str:
    r"""Return a text as one line, with the characters escaped that cannot be seen.

    Examples
    --------
    >>> print(visible('red \x1b[31m\n'))
    red \x1b[31m\n
    """
    text = str(text)
    if text.isprintable():
        return text
    return ''.join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def csv_cell(value: Any) -> Any:
    """Return a value for a CSV file, as text where a spreadsheet would see a formula.

    Examples
    --------
    >>> csv_cell('=1+1'), csv_cell('-1.5'), csv_cell(-1.5), csv_cell(None)
    ("'=1+1", '-1.5', -1.5, '')
    """
    if not isinstance(value, str):
        return '' if value is None else value
    text = visible(value)
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def html_text(text: Any) -> str:
    """Return a text as HTML that shows it.

    Examples
    --------
    >>> html_text('<b>')
    '&lt;b&gt;'
    """
    return html.escape(visible(text))


def html_table(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table in HTML, whose first column names the rows.

    Examples
    --------
    >>> print(html_table(['set', 'atoms'], [['<a>', 8]]))
    <table>
    <thead><tr><th scope=col>set</th><th scope=col>atoms</th></tr></thead>
    <tbody>
    <tr><th scope=row>&lt;a&gt;</th><td>8</td></tr>
    </tbody></table>
    """
    head = ''.join(f'<th scope=col>{html_text(name)}</th>' for name in header)
    body = ''
    for row in rows:
        first, *cells = map(html_text, row)
        tail = ''.join(f'<td>{cell}</td>' for cell in cells)
        body += f'<tr><th scope=row>{first}</th>{tail}</tr>\n'
    return f'<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>\n'


def markdown_text(text: Any) -> str:
    r"""Return a text as Markdown that shows it, in a cell of a table, too.

    Examples
    --------
    >>> print(markdown_text('<b>|E_rep|*'))
    &lt;b&gt;\|E_rep\|\*
    """
    return MARKDOWN.sub(r'\\\g<0>', html.escape(visible(text), quote=False))
