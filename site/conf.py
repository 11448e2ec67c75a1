"""How Sphinx shows the chapters; tools/make_site.py gathers them, and gives title and content."""

from importlib.util import find_spec
from pathlib import Path

# One file of MathJax 3, whose formulas are outlines: the page asks for no fonts, and looks the
# same everywhere. (Sphinx's own choice is a content delivery network. MathML, which needs no
# script, leaves brackets and braces short where the reader has no mathematical font.)
MATHJAX = find_spec("sphinx-mathjax-offline").submodule_search_locations[0]

language = "en"
extensions = ["myst_nb"]
root_doc = "index"
smartquotes = False  # the text stays as the notebooks have it

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
mathjax_path = "tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}

nb_execution_mode = "off"  # the committed outputs are shown
nb_output_stderr = "remove"
nb_ipywidgets_js = {}  # an explorer shows its still picture
nb_code_prompt_show = "Show a solution"  # only solutions are hidden
nb_code_prompt_hide = "Hide the solution"

html_theme = "sphinx_book_theme"
html_favicon = "_static/icon.svg"
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is
templates_path = ["_templates"]
html_static_path = ["_static", str(Path(MATHJAX, "static", "mathjax", mathjax_path))]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_use_index = False
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "footer_content_items": [],
    "navbar_persistent": [],  # search is in the side bar
    "search_bar_text": "Search the chapters",
    "toc_title": "On this page",
}
