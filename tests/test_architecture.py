"""The folders show the architecture: a file imports only from folders above its own."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sknn_tips"
ORDER = [
    "exceptions",
    "_registry",
    "_compat",
    "ops",
    "nn",
    "optim",
    "data",
    "metrics",
    "runtime",
    "tips",
    "state",
    "step",
    "hooks",
    "training",
    "estimators",
    "preprocessing",
    "search",
    "ensemble",
    "tabular",
    "persistence",
    "plotting",
    "inspection",
    "datasets",
    "callbacks",
    "versions",
    "demo",
    "__init__",
]
ON_TOP = {"demo.py", "callbacks.py"}
# skorch is held, not inherited from by the estimators: one file knows it.
ONLY_IN = {"skorch": {"state/net.py"}}
NEVER_IN = {
    "ops": {"sklearn", "skorch", "matplotlib"},
    "nn": {"sklearn", "skorch", "matplotlib"},
    "estimators": {"matplotlib"},
}
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def imports(file):
    """Return (module, is at the top level) of every import in a file."""
    tree = ast.parse((PACKAGE / file).read_text())
    at_top = set(tree.body)
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            at_top.update(node.body)
    found = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write imports from sknn_tips in full"
            names = [node.module]
            if node.module == "sknn_tips":
                names = [f"sknn_tips.{alias.name}" for alias in node.names]
        found += [(name, node in at_top) for name in names]
    return found


def rank(file_or_module):
    return ORDER.index(file_or_module.split("/")[0].split(".")[0])


@pytest.mark.parametrize("file", FILES)
def test_imports_point_upwards(file):
    for module, at_top in imports(file):
        if not module.startswith("sknn_tips."):
            continue
        assert at_top, f"{file} imports {module} inside a function"
        if module.split(".")[1] not in ORDER:  # a public name, such as sknn_tips.MLPClassifier
            assert file in ON_TOP, f"{file} imports {module} from the top"
            continue
        assert rank(module.removeprefix("sknn_tips.")) <= rank(file), f"{file} imports {module}"


@pytest.mark.parametrize("file", FILES)
def test_libraries_stay_where_they_belong(file):
    roots = {module.split(".")[0] for module, _ in imports(file)}
    assert not roots & NEVER_IN.get(file.split("/")[0], set())
    for library, files in ONLY_IN.items():
        assert library not in roots or file in files


def test_torch_stays_out_of_schedules_and_checks():
    for file in ("optim/schedules.py", "training/stopping.py", "estimators/parameters.py"):
        assert "torch" not in {module.split(".")[0] for module, _ in imports(file)}


@pytest.mark.parametrize("file", [file for file in FILES if "/" in file])
def test_no_import_cycle(file):
    def reachable(start):
        seen, todo = set(), [start]
        while todo:
            for module, _ in imports(todo.pop()):
                target = module.removeprefix("sknn_tips.").replace(".", "/") + ".py"
                if module.startswith("sknn_tips.") and target in FILES and target not in seen:
                    seen.add(target)
                    todo.append(target)
        return seen

    assert file not in reachable(file)


@pytest.mark.parametrize("file", [file for file in FILES if not file.endswith("__init__.py")])
def test_every_file_has_a_test_of_its_name(file):
    if file == "estimators/docs.py":
        pytest.skip("text only; test_public_api reads the docstrings that it fills")
    folder, name = Path(file).parent, Path(file).stem.strip("_")
    assert (PACKAGE.parent / "tests" / folder / f"test_{name}.py").exists()
