"""The folders show the architecture: a file imports only from folders above its own."""

import ast
import re
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "sknn_tips"
ORDER = [
    "exceptions",
    "_registry",
    "_argument_names",
    "_compat",
    "runtime",
    "parameters",
    "ops",
    "nn",
    "optim",
    "data",
    "metrics",
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
    "export",
    "plotting",
    "inspection",
    "datasets",
    "callbacks",
    "onnx",
    "versions",
    "demo",
    "__main__",
    "__init__",
]
ON_TOP = {"demo.py", "callbacks.py"}
# skorch is held, not inherited from by the estimators: one file uses it.
ONLY_IN = {"skorch": {"_compat/skorch.py"}}
NEVER_IN = {
    "ops": {"sklearn", "skorch", "matplotlib"},
    "nn": {"sklearn", "skorch", "matplotlib"},
    "estimators": {"matplotlib"},
}
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@cache
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
        if not module.startswith("sknn_tips.") or module == "sknn_tips.__version__":
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


def is_private(name):
    return re.match("_[^_]", name) is not None


def is_foreign(module):
    return module.split(".")[0] not in {"sknn_tips", *sys.stdlib_module_names}


LIBRARIES = {module.split(".")[0] for file in FILES for module, _ in imports(file)} - {"sknn_tips"}


def private_names_of_modules(file):
    """Return what a file imports, reads of an import or writes as text, with a private part."""
    nodes = list(ast.walk(ast.parse((PACKAGE / file).read_text())))
    found, imported = [], set()
    for node in nodes:
        if isinstance(node, ast.Import):
            paths = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            paths = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        found += filter(is_foreign, paths)
        imported |= {
            alias.asname or alias.name.split(".")[0]
            for alias, path in zip(node.names, paths, strict=True)
            if is_foreign(path)
        }
    for node in nodes:
        if isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if re.match(r"\w*", text)[0] in imported:
                found.append(text)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
            if re.fullmatch(r"\w+(\.\w+)+", text) and text.split(".")[0] in LIBRARIES:
                found.append(text)
    return [text for text in found if any(map(is_private, text.split(".")))]


def test_one_file_uses_skorch():
    users = {file for file in FILES if ("sknn_tips._compat.skorch", True) in imports(file)}
    assert users == {"state/net.py"}


def test_a_file_of_compat_knows_one_library():
    for file in FILES:
        if file.startswith("_compat/"):
            known = {module.split(".")[0] for module, _ in imports(file) if is_foreign(module)}
            assert known <= {Path(file).stem}, file


@pytest.mark.parametrize("file", [file for file in FILES if not file.startswith("_compat/")])
def test_only_compat_names_what_is_private_in_a_library(file):
    assert private_names_of_modules(file) == []


def test_compat_has_what_the_test_above_looks_for():
    found = {file: private_names_of_modules(file) for file in FILES if file.startswith("_compat/")}
    assert "torch._C._nn" in found["_compat/torch.py"]
    assert "sklearn.model_selection._search" in found["_compat/sklearn.py"]
    assert "utils._safe_indexing" in found["_compat/sklearn.py"]
    assert "sklearn.calibration._SigmoidCalibration" in found["_compat/sklearn.py"]


# Documented, for all their underscore: of namedtuples, and of the module sys.
NOT_PRIVATE = {"_replace", "_getframe"}


def test_only_compat_asks_objects_of_libraries_for_private_attributes():
    """An attribute that no file defines is another library's; on `self`, it is a base class's."""
    defined, asked = set(), []
    for file in FILES:
        for node in ast.walk(ast.parse((PACKAGE / file).read_text())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined.add(node.name)
            elif isinstance(getattr(node, "ctx", None), ast.Store):
                defined.add(getattr(node, "attr", getattr(node, "id", None)))
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) != "self":
                asked.append((file, node.attr))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "hasattr"):
                name = node.args[1]
                asked += [(file, name.value)] if isinstance(name, ast.Constant) else []
    foreign = {(file, name) for file, name in asked if is_private(name)}
    foreign = {(file, name) for file, name in foreign if name not in defined | NOT_PRIVATE}
    assert {file.split("/")[0] for file, _ in foreign} == {"_compat"}
    assert ("_compat/sklearn.py", "_score_func") in foreign


def test_torch_stays_out_of_schedules_and_checks():
    for file in (
        "optim/schedules.py",
        "training/stopping.py",
        "parameters.py",
        "estimators/parameter_checks.py",
    ):
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


CONTRIBUTING = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_map_shows_the_order_of_all_that_is_there():
    table = CONTRIBUTING.split("## The map\n")[1].split("\n\n")[1]
    places = re.findall(r"`(\w+)(?:\.py|/)`", "".join(re.findall(r"^\| (`.*?`) \|", table, re.M)))
    assert places == [name for name in ORDER if name != "__init__"]
    assert {file.split("/")[0].removesuffix(".py") for file in FILES} == set(ORDER)


def test_quoted_changes_are_in_the_files():
    blocks = re.findall(r"```diff\n(.*?)```", CONTRIBUTING, re.DOTALL)
    assert len(blocks) >= 5
    for line in "".join(blocks).splitlines():
        if line.startswith("--- "):
            text = (PACKAGE.parent / line.removeprefix("--- ")).read_text(encoding="utf-8")
            lines = text.splitlines()
        else:
            assert line.removeprefix("+") in lines, line
