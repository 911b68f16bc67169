"""Sphinx: ``sphinx-build -W docs docs/_build``."""

from importlib.metadata import version as installed_version

project = 'ase_entropy'
author = 'The ase_entropy developers'
version = release = installed_version('ase-entropy')
extensions = [
    'myst_parser',
    'numpydoc',
    'sphinx.ext.autodoc',
    'sphinx.ext.mathjax',
]
myst_enable_extensions = ['dollarmath']
exclude_patterns = ['_build', 'explanation/benchmark.md']
html_theme = 'alabaster'
autodoc_typehints = 'none'
numpydoc_show_class_members = False
