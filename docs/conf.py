"""How Sphinx builds these pages: ``make docs``."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "LungSegmentation"))

from LungSegmentationLib import __version__  # noqa: E402

project = "LungSegmentation"
author = "LungSegmentation contributors"
project_copyright = author
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["conf.py"]
nitpicky = False
myst_heading_anchors = 4
myst_links_external_new_tab = False
autosummary_generate = False
autodoc_preserve_defaults = True
autodoc_typehints = "none"  # the docstrings name them, with shapes and units
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

html_theme = "furo"
html_title = f"LungSegmentation {version}"
html_logo = "../LungSegmentation.png"
html_favicon = "../LungSegmentation.png"
html_static_path = ["static"]
html_css_files = ["tables.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False

linkcheck_timeout = 20
linkcheck_workers = 4
# Addresses of examples, and those that exist from the first release on.
linkcheck_ignore = [r"http://127\.0\.0\.1.*", r"https://www\.example\.com.*"]


def link_files_as_files(app, page, source):
    """Let links to Markdown files outside this folder lead to the file: they are no pages of the site."""
    source[0] = re.sub(r"\]\((\.\./[^)#]+\.md)\)", r"](path:\1)", source[0])


def setup(app):
    """Called by Sphinx."""
    app.connect("source-read", link_files_as_files)
