# SPDX-License-Identifier: Apache-2.0
"""Sphinx's configuration: `make docs` builds the site."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

import swiftbuffer

project = "swiftbuffer"
author = "the swiftbuffer authors"
copyright = "the swiftbuffer authors"  # noqa: A001  (Sphinx's name)
version = release = swiftbuffer.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
# Headings are targets, as on the repository's pages.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

html_theme = "furo"
html_title = f"swiftbuffer {release}"
html_show_sphinx = False
html_static_path = ["_static"]
html_js_files = ["offline.js", "filter.js"]
html_css_files = ["site.css"]
# The theme's own underlines the names of modules.
pygments_dark_style = "github-dark"
html_theme_options = {"top_of_page_buttons": []}
# The copy button leaves out prompts and results.
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

autodoc_member_order = "alphabetical"
autodoc_typehints = "signature"
# Pygments knows no key paths of Swift, and shows them all the same.
suppress_warnings = ["misc.highlighting_failure"]
# Without the C API's own manual there is nothing to link standard types to.
nitpicky = False


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", leave_out_of_navigation)
    app.connect("autodoc-skip-member", leave_out_refusals)
    app.connect("doctree-read", trim_examples)


def leave_out_of_navigation(_app: Sphinx, page: str, source: list[str]) -> None:
    """Keeps the pages of single codes out of the sidebar: a table of `codes/README.md` leads to them."""
    if page.startswith("codes/") and page != "codes/README":
        source[0] = f"---\norphan: true\n---\n{source[0]}"


def leave_out_refusals(_app: Sphinx, _kind: str, _name: str, member: object, *_: object) -> bool | None:
    """Leaves out names of NumPy's that are there only to raise an error that says where the function is."""
    return True if (member.__doc__ or "").startswith("Not offered") else None


def trim_examples(_app: Sphinx, document: nodes.document) -> None:
    """Leaves out the empty line that ends an example: doctest needs it, readers do not."""
    for block in document.findall(nodes.literal_block):
        text = block.astext().rstrip()
        block.rawsource = text
        block.children = [nodes.Text(text)]
