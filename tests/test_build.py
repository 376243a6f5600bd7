"""The package builds with its compiled part and without, and holds what it should."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("setuptools", minversion="77", reason="what pyproject.toml asks for")

ROOT = Path(__file__).parents[1]
SOURCES = Path("sknn_tips", "ops", "src")
LINE = "built WITHOUT its compiled part: "
ABI3 = not sysconfig.get_config_var("Py_GIL_DISABLED")
COMPILER = shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0])
with_compiler = pytest.mark.skipif(COMPILER is None, reason="there is no C compiler here")

# An extension that compiles at once, in the place of the real one.
STUB = """
#include <Python.h>
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_native", NULL, -1, NULL};
PyMODINIT_FUNC PyInit__native(void) { return PyModule_Create(&definition); }
"""


@pytest.fixture
def clone(tmp_path):
    """A copy of the repository whose extension is a stub."""
    made = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd", "_build", "generated", "gallery")
    for name in ("sknn_tips", "tests", "benchmarks", "docs", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=made)
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copy(file, tmp_path)
    for file in (tmp_path / SOURCES).glob("*.c"):
        file.unlink()
    (tmp_path / SOURCES / "module.c").write_text(STUB)
    return tmp_path


def run(clone, *command, **environment):
    """Run a command of setup.py; return what it printed."""
    variables = {**os.environ, "SKNN_TIPS_PURE": "0", **environment}
    done = subprocess.run(
        [sys.executable, "setup.py", *command],
        cwd=clone,
        env=variables,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def wheel(clone):
    """Return the path of the only wheel, and the names in it."""
    [path] = (clone / "dist").glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return path, archive.namelist()


def is_compiled(name):
    return name.startswith("sknn_tips/ops/_native") and not name.endswith(".pyi")


def in_place(clone):
    """Return the compiled parts beside the modules."""
    folder = clone / "sknn_tips/ops"
    return [path for path in folder.glob("_native*") if path.suffix != ".pyi"]


def modules():
    """Return the names that a wheel has in any case."""
    files = [path for path in (ROOT / "sknn_tips").rglob("*.py") if path.is_file()]
    data = {"sknn_tips/py.typed", "sknn_tips/ops/_native.pyi"}
    return {path.relative_to(ROOT).as_posix() for path in files} | data


@with_compiler
def test_a_wheel_with_the_compiled_part_is_for_every_later_python(clone):
    assert LINE not in run(clone, "bdist_wheel")
    path, names = wheel(clone)
    assert ("-cp311-abi3-" in path.name) == ABI3
    assert not path.name.endswith("-any.whl")
    [compiled] = filter(is_compiled, names)
    inside = {name for name in names if name.startswith("sknn_tips/")}
    assert inside == modules() | {compiled}
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    with zipfile.ZipFile(path) as archive:
        archive.extract(compiled, clone / "unpacked")
    folder = clone / "unpacked" / Path(compiled).parent
    subprocess.run([sys.executable, "-c", "import _native"], cwd=folder, check=True)


def test_without_a_compiler_one_line_says_so_and_the_wheel_is_for_any_platform(clone):
    printed = run(clone, "bdist_wheel", CC="no-such-compiler")
    [line] = [line for line in printed.splitlines() if LINE in line]
    assert "there is no C compiler (no-such-compiler)" in line
    assert "Everything works without it" in line
    assert "install one" in line
    path, names = wheel(clone)
    assert path.name.endswith("-py3-none-any.whl")
    assert {name for name in names if name.startswith("sknn_tips/")} == modules()


@with_compiler
def test_what_does_not_compile_is_left_out_with_the_reason(clone):
    (clone / SOURCES / "module.c").write_text("#error no such processor\n")
    printed = run(clone, "bdist_wheel")
    [line] = [line for line in printed.splitlines() if LINE in line]
    assert "compiling it failed" in line
    assert "no such processor" in printed
    assert wheel(clone)[0].name.endswith("-py3-none-any.whl")


def test_the_variable_leaves_it_out(clone):
    assert f"{LINE}SKNN_TIPS_PURE is set" in run(clone, "bdist_wheel", SKNN_TIPS_PURE="1")
    path, names = wheel(clone)
    assert path.name.endswith("-py3-none-any.whl")
    assert not any(map(is_compiled, names))


@with_compiler
@pytest.mark.parametrize("variable", [{"SKNN_TIPS_PURE": "1"}, {"CC": "no-such-compiler"}])
def test_an_install_in_place_without_it_puts_away_that_of_an_earlier_one(clone, variable):
    run(clone, "build_ext", "--inplace")
    run(clone, "bdist_wheel", SKNN_TIPS_PURE="1")  # is none in place, and leaves it there
    assert len(in_place(clone)) == 1
    (clone / SOURCES / "module.c").write_text(STUB + "/* changed */\n")
    run(clone, "build_ext", "--inplace", **variable)
    assert not in_place(clone)


def test_a_wheel_has_nothing_of_an_earlier_build(clone):
    for name in ("soon_gone.py", "stays.py"):
        (clone / "sknn_tips" / name).write_text("")
    run(clone, "build", SKNN_TIPS_PURE="1")
    (clone / "sknn_tips" / "soon_gone.py").unlink()
    run(clone, "bdist_wheel", SKNN_TIPS_PURE="1")
    names = wheel(clone)[1]
    assert "sknn_tips/stays.py" in names
    assert "sknn_tips/soon_gone.py" not in names


def test_a_source_distribution_has_sources_tests_docs_and_examples(clone):
    run(clone, "sdist")
    [path] = (clone / "dist").glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames() if "/" in name}
    expected = {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", "setup.py"}
    for folder in ("sknn_tips", "tests", "benchmarks", "docs", "examples"):
        found = {file.relative_to(clone).as_posix() for file in (clone / folder).rglob("*.*")}
        expected |= {name for name in found if not name.endswith((".pyc", ".png"))}
    expected |= {file.relative_to(clone).as_posix() for file in (clone / "docs").rglob("*.png")}
    assert expected - names == set()
    assert not any(name.endswith((".so", ".pyc")) for name in names)
