import re
import sys
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # for gallery_order
from gallery_order import ORDER

project = "sknn_tips"
author = "The sknn_tips developers"
copyright = "2026, The sknn_tips developers"
release = version = installed_version("sknn_tips")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "myst_parser",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
myst_heading_anchors = 3  # anchors of sections, as on GitHub
exclude_patterns = ["_build"]
templates_path = ["_templates"]

# Pages that only list other pages.
WITHOUT_CONTENTS = ["index", "start", "gallery/index", *(f"gallery/{g}/index" for g in ORDER)]

html_theme = "pydata_sphinx_theme"
html_title = "sknn_tips"
html_show_sourcelink = False
toc_object_entries_show_parents = "hide"  # "fit()" instead of "MLPClassifier.fit()"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {"index": []}
html_theme_options = {
    "header_links_before_dropdown": 5,
    "navbar_align": "left",
    "show_prev_next": False,
    "secondary_sidebar_items": {"**": ["page-toc"], **{page: [] for page in WITHOUT_CONTENTS}},
}

autodoc_default_options = {
    "members": True,
    "inherited-members": "BaseEstimator, BaseException",
    # These methods are created and documented by scikit-learn.
    "exclude-members": "get_metadata_routing, set_fit_request, set_partial_fit_request, "
    "set_score_request",
}
autodoc_typehints = "none"  # the types are in numpydoc's Parameters sections
numpydoc_show_class_members = False  # autodoc lists the members

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "subsection_order": [f"../examples/{group}" for group in ORDER],
    "within_subsection_order": "gallery_order.ReadingOrder",
    "filename_pattern": r"\.py",  # run all examples and show their figures
    "show_memory": False,
    "write_computation_times": False,
}

# Labels of scikit-learn's documentation, used in docstrings that are inherited from it.
SKLEARN_LABELS = {
    "accuracy_score",
    "df_output_transform",
    "r2_score",
    "sphx_glr_auto_examples_miscellaneous_plot_set_output.py",
}


def without_link(app: Any, env: Any, node: Any, content: Any) -> Any:
    return content if node["reftarget"] in SKLEARN_LABELS else None


def link_examples_to_gallery(app: Any, docname: str, source: list[str]) -> None:
    """On this site, links to scripts in examples/ lead to their pages of the gallery.

    In the repository the same links lead to the scripts.
    """
    text = source[0].replace("(../examples/GALLERY_HEADER.rst)", "(gallery/index.rst)")
    source[0] = re.sub(r"\(\.\./examples/(\w+/plot_\w+)\.py\)", r"(gallery/\1.rst)", text)


def setup(app: Any) -> None:
    app.connect("source-read", link_examples_to_gallery)
    app.connect("missing-reference", without_link)
