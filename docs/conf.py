"""Sphinx: ``sphinx-build -W docs docs/_build``."""

import re

from ase_entropy import __version__

project = 'ase_entropy'
author = 'The ase_entropy developers'
version = release = __version__
extensions = [
    'myst_parser',
    'numpydoc',
    'sphinx.ext.autodoc',
    'sphinx.ext.mathjax',
    'sphinx.ext.autosummary',
    'sphinx-mathjax-offline',
    'sphinx_copybutton',
    'sphinx_design',
]
myst_enable_extensions = ['colon_fence', 'dollarmath']
autosummary_generate = False
exclude_patterns = ['_build', 'explanation/benchmark.md']
html_theme = 'furo'
html_title = f'ase_entropy {version}'
html_static_path = ['_static']
html_css_files = ['pages.css']
html_copy_source = html_show_sourcelink = html_show_copyright = False
copybutton_prompt_text = r'>>> |\.\.\. |\$ '
copybutton_prompt_is_regexp = True
autodoc_typehints = 'none'
numpydoc_show_class_members = False


def escape_initials(app, what, name, obj, options, lines):
    """Keep docutils from taking the initial of an author for the number of a list."""
    label = re.compile(r'^(\s*\.\. \[\d+\] )(?=[A-Z]\. )')
    lines[:] = [label.sub(r'\1\\', line) for line in lines]


def keep_errors(app, docname, source):
    """Keep a number and its error on one line."""
    source[0] = source[0].replace(' ± ', '\u00a0±\u00a0')


def setup(app):
    """Connect to Sphinx, before numpydoc."""
    app.connect('source-read', keep_errors)
    app.connect('autodoc-process-docstring', escape_initials, priority=400)
