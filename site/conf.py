"""Configure Sphinx for the site; tools/make_site.py collects the pages and sets the title."""

from importlib.util import find_spec
from pathlib import Path

from site_api import link_chapters, skip_helper

from unet_tutorial.classroom.workspace.lab import STYLESHEET

# MathJax 3 as a single file. It draws formulas as outlines, so pages need no fonts and look the
# same everywhere. (Sphinx's default is a content delivery network. MathML needs no script, but
# draws brackets and braces too short if the reader has no mathematical font.)
MATHJAX = find_spec("sphinx-mathjax-offline").submodule_search_locations[0]

language = "en"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
root_doc = "index"
smartquotes = False  # keep the notebooks' own quotes

default_role = "py:obj"  # `UNet` in a docstring is a link to its entry
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
autodoc_inherit_docstrings = False  # a block's forward says nothing about nn.Module's
napoleon_custom_sections = ["Shapes", ("Items", "params_style")]
viewcode_line_numbers = True
toc_object_entries_show_parents = "hide"

myst_enable_extensions = ["attrs_block", "dollarmath"]
myst_heading_anchors = 3
mathjax_path = "tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}

nb_execution_mode = "off"  # the committed outputs are shown
nb_output_stderr = "remove"
nb_ipywidgets_js = {}  # explorers show their still picture
nb_code_prompt_show = "Show a solution"  # only solutions are hidden
nb_code_prompt_hide = "Hide the solution"

html_theme = "sphinx_book_theme"
html_favicon = "_static/icon.svg"
html_context = {"default_mode": "auto"}  # light or dark, as in the reader's system
templates_path = ["_templates"]
html_static_path = [
    "_static",
    str(STYLESHEET),
    str(Path(MATHJAX, "static", "mathjax", mathjax_path)),
]
html_css_files = [STYLESHEET.name, "site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_use_index = False
html_domain_indices = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "footer_content_items": [],
    "navbar_persistent": [],  # search is in the side bar
    "search_bar_text": "Search the chapters",
    "toc_title": "On this page",
}


def setup(app):
    app.connect("autodoc-skip-member", skip_helper)
    app.connect("autodoc-process-docstring", link_chapters)
