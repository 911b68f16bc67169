"""What files say is shown as text: in terminals, figures, tables and pages."""

import csv
import re
import xml.etree.ElementTree as ET

import pytest
from ase.build import bulk
from ase.db import connect

from ase_entropy.cli import main
from ase_entropy.plots.style import plain
from ase_entropy.report.tables.table import Table
from ase_entropy.sets.formats.poscar import export_poscar
from ase_entropy.store.escaping import csv_cell, html_text, markdown_text, visible

HOSTILE = [
    '\x1b[31mred\x1b[0m',
    '\x9b2J',
    'bell\x07 null\x00',
    'two\nlines\r',
    'right\u202eleft',
    'no\ufffecharacter\u2028',
    '\ud800',
]
BAD = 'a\x1b[2J\x07\u202e<b>&=*'  # as the name of something
# Nothing that a terminal obeys, but for the ends of lines.
CONTROL = re.compile(r'[^\n\x20-\x7e\xa0-\u200a\u2010-\u2027\u2030-\ud7ff]')


@pytest.mark.parametrize('text', HOSTILE)
def test_texts_become_one_visible_line(text):
    shown = visible(text)
    assert shown.isprintable()
    assert shown.isascii()
    assert re.sub(r'\\(x..|u....|[nr])', '', shown) == re.sub(r'[^ -~]', '', text)


@pytest.mark.parametrize('text', ['W₃₉ ä ö', '日本語', 'a\\b', '😀', ''])
def test_what_can_be_seen_stays(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    'text', ['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1+1', '\r=1+1', "-2|cmd'!A0"]
)
def test_spreadsheets_see_no_formula(text):
    assert not csv_cell(text).startswith(('=', '+', '-', '@', '\t', '\r'))
    assert visible(text) in csv_cell(text)


@pytest.mark.parametrize('value', [1, -1.5, float('-inf'), True, '-1.5', '+1e5', 'W'])
def test_numbers_and_names_in_tables_stay(value):
    assert csv_cell(value) is value


def test_markdown_shows_what_it_would_interpret():
    assert markdown_text('a|b') == r'a\|b'
    assert markdown_text('<img src=x>&lt;') == '&lt;img src=x&gt;&amp;lt;'
    assert markdown_text('![x](y) `z` ~~s~~') == r'!\[x\](y) \`z\` \~\~s\~\~'
    assert markdown_text('_a_ E_rep') == r'\_a\_ E_rep'


def test_tables_in_all_forms():
    table = Table('t', f'of {BAD}', ['=name', BAD], [[BAD, -1.5], ['-x', None]])
    lines = list(csv.reader(table.csv().splitlines()))
    assert lines[0] == ["'=name", visible(BAD)]
    assert lines[1:] == [[visible(BAD), '-1.5'], ["'-x", '']]
    for text in (table.csv(), table.markdown(), table.html()):
        assert not CONTROL.search(text)
    assert '<b>' not in table.markdown() + table.html()
    assert html_text(BAD) in table.html()


def atoms_of(number):
    atoms = bulk('W', 'sc', a=2.7) * (2, 2, 1)
    atoms.rattle(0.2, seed=number)
    return atoms


@pytest.fixture
def database(tmp_path):
    """Rows whose keys are hostile, and a ledger that is."""
    database = connect(tmp_path / 'w.db')
    keys = {'stage': BAD, 'recipe': '=1+1', 'version': BAD, 'group': BAD}
    for number in range(3):
        database.write(atoms_of(number), campaign=0, cycle=number, **keys)
    entry = {'number': 0, 'stage': BAD, 'recipe': {}, 'seed': BAD, 'chain': BAD}
    entry |= {'version': BAD, 'cycles': 9, 'failures': {BAD: 1}}
    database.metadata = {'campaigns': [entry]}
    return database


def test_info_prints_text(database, capsys):
    main(['info', database.filename])
    printed = capsys.readouterr().out
    assert not CONTROL.search(printed)
    assert printed.count(visible(BAD)) >= 5


def test_errors_print_text(database, capsys):
    command = ['export', database.filename, '-o', 'w.xyz', '--select', f'{BAD}>1']
    with pytest.raises(SystemExit) as caught:
        main(command)
    assert caught.value.code == 2
    printed = capsys.readouterr().err
    assert not CONTROL.search(printed)
    assert '--select ' in printed


def test_lines_and_logs_are_text(tmp_path, capsys):
    from ase_entropy.campaign.engines.progress import Progress
    from ase_entropy.cli.terminal import Terminal

    with Terminal(str(tmp_path / 'log')) as terminal:
        terminal.report(f'one {BAD}')
        terminal.show(f'two {BAD}', Progress(1))
    shown = f'one {visible(BAD)}\n'
    assert capsys.readouterr().out == f'{shown}{Progress(1)}\n'
    assert (tmp_path / 'log').read_text() == f'{shown}two {visible(BAD)}\n'


def test_the_index_of_exported_rows_is_no_program(tmp_path):
    database = connect(tmp_path / 'w.db')
    atoms = atoms_of(0)
    database.write(atoms, note='=1+1', value=-1.5, many='two\nlines', fine='a,"b"')
    export_poscar(database.select(), tmp_path / 'set')
    with open(tmp_path / 'set/index.csv', newline='', encoding='utf-8') as file:
        (line,) = csv.DictReader(file)
    assert line['note'] == "'=1+1"
    assert (line['value'], line['many'], line['fine']) == (
        '-1.5',
        r'two\nlines',
        'a,"b"',
    )


@pytest.fixture(scope='module')
def reported(tmp_path_factory):
    """A report whose sets, groups, and names of files are hostile."""
    folder = tmp_path_factory.mktemp('sets')
    for name, first in (('u.db', 0), ('b\x1b[2J.db', 100)):
        database = connect(folder / name)
        for number in range(8):
            group = f'{BAD}{number % 2}'
            keys = {'group': group, 'recipe': '=1+1', 'stage': BAD}
            keys |= {'walker': 0, 'cycle': number, 'campaign': 0}
            database.write(atoms_of(first + number), **keys)
    output = folder / 'report'
    sets = [str(folder / name) for name in ('u.db', 'b\x1b[2J.db')]
    names = f'=1+1\x07\x1b[31m<i>,{BAD}'
    main(
        ['report', *sets, '--names', names, '--decompositions', '5', '-o', str(output)]
    )
    return output


def test_figures_are_drawn_with_any_names(reported):
    found = sorted(reported.glob('figures/*.svg'))
    assert len(found) > 8
    for path in found:
        ET.fromstring(path.read_bytes())


def test_page_tables_and_log_are_text(reported):
    texts = [*reported.glob('tables/*'), reported / 'index.html']
    texts += [reported / 'report.log']
    assert len(texts) > 8
    for path in texts:
        assert not CONTROL.search(path.read_text(encoding='utf-8')), path.name


def test_page_and_markdown_hold_no_tags_of_others(reported):
    for path in (*reported.glob('tables/*.md'), reported / 'index.html'):
        text = path.read_text(encoding='utf-8')
        assert '<b>' not in text
        assert '<i>' not in text
    assert '&lt;b&gt;' in text


def test_tables_of_a_report_are_no_programs(reported):
    words = []
    for path in reported.glob('tables/*.csv'):
        with open(path, newline='', encoding='utf-8') as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        words += [cell for cell in cells if not re.fullmatch(r'-?[\d.e+-]+', cell)]
    assert "'=1+1" in words
    assert not any(word.startswith(('=', '+', '-', '@')) for word in words)


def test_names_in_figures_have_no_control_characters():
    for text in HOSTILE:
        assert plain(text).isprintable()
