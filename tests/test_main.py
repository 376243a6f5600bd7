import subprocess
import sys
import tomllib
from importlib import metadata
from inspect import ismodule
from pathlib import Path

import pytest

import sknn_tips
from sknn_tips import __main__

ROOT = Path(__file__).parents[1]
with (ROOT / "pyproject.toml").open("rb") as file:
    EXTRAS = tomllib.load(file)["project"]["optional-dependencies"]


def sections(capsys):
    """Return what is printed: titles, each with names and texts."""
    __main__.main([])
    found = {}
    for block in capsys.readouterr().out.split("\n\n")[1:]:
        title, *rows = block.splitlines()
        pairs = [row.strip().partition(" ") for row in rows]
        found[title] = {name: text.strip() for name, _, text in pairs}
    return found


def test_every_public_name_has_a_line(capsys):
    found = sections(capsys)
    modules = {name for name in sknn_tips.__all__ if ismodule(getattr(sknn_tips, name))}
    names = found["Estimators and functions: from sknn_tips import ..."]
    assert {*names} | modules == {*sknn_tips.__all__}
    assert names["MLPClassifier"] == "Multi-layer perceptron classifier."
    for name in modules:
        members = found[f"from sknn_tips.{name} import ..."]
        assert [*members] == getattr(sknn_tips, name).__all__
        names |= members
    assert [name for name, text in names.items() if not text] == ["CLASS_NAMES"]  # a tuple


def test_every_extra_has_its_libraries_with_their_versions(capsys, monkeypatch):
    requirements = [
        f'{requirement}; extra == "{extra}"'
        for extra, libraries in EXTRAS.items()
        for requirement in libraries
    ]
    monkeypatch.setattr(__main__, "requires", lambda name: ["numpy>=2", *requirements])
    extras = sections(capsys)['Extras: pip install "sknn_tips[...]"']
    assert set(extras) == set(EXTRAS) - {"all", "test", "clients", "dev"}
    pytest.importorskip("rich")
    assert extras["progress"] == f"rich {metadata.version('rich')}"


def test_a_library_that_is_not_installed_is_named(capsys, monkeypatch):
    monkeypatch.setattr(__main__, "requires", lambda name: ["no-such-library>=2 ; extra == 'x'"])
    extras = sections(capsys)['Extras: pip install "sknn_tips[...]"']
    assert extras == {"x": "no-such-library (not installed)"}


def test_a_package_on_the_path_does_not_know_its_extras(capsys, monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(__main__, "requires", requires)
    assert "not installed" in sections(capsys)['Extras: pip install "sknn_tips[...]"']["?"]


def test_arguments_are_an_error(capsys):
    with pytest.raises(SystemExit):
        __main__.main(["demo"])
    assert "unrecognized arguments: demo" in capsys.readouterr().err


@pytest.mark.parametrize("docstrings", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_it_needs_neither_optional_libraries_nor_docstrings(tmp_path, docstrings):
    libraries = ["matplotlib", "safetensors", "skops", "tensorboard", "pyarrow", "dask", "optuna"]
    code = (
        f"import runpy, sys\nsys.modules.update(dict.fromkeys({libraries}))\nsys.argv[1:] = []\n"
        "runpy.run_module('sknn_tips', run_name='__main__')"
    )
    options = ["-W", "error"] if docstrings else ["-OO"]
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"sknn_tips {sknn_tips.__version__}\n")
    assert ("Multi-layer perceptron classifier" in done.stdout) == docstrings
    assert "\n  MLPClassifier" in done.stdout
    assert "Helper class" not in done.stdout  # a docstring of a base class
    assert done.stdout.isascii()


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
def test_a_reader_may_close_the_pipe():
    """As `head` does after its last line."""
    command = [sys.executable, "-m", "sknn_tips"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
