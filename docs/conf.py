from importlib.metadata import version as installed_version
from typing import Any

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

html_theme = "pydata_sphinx_theme"
html_title = "sknn_tips"
html_show_sourcelink = False

autodoc_default_options = {
    "members": True,
    "inherited-members": "BaseEstimator",
    # These methods are created and documented by scikit-learn.
    "exclude-members": "get_metadata_routing, set_fit_request, set_partial_fit_request, "
    "set_score_request",
}
autodoc_typehints = "none"  # the types are in numpydoc's Parameters sections
numpydoc_show_class_members = False  # autodoc lists the members

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
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


def setup(app: Any) -> None:
    app.connect("missing-reference", without_link)
