"""scikit-learn's own ``test_mlp.py``, run against ours by the plugin `plugins/swap_mlp.py`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn
from sklearn.utils.fixes import parse_version

PLUGINS = Path(__file__).parent / "plugins"
CASES, CANNOT_APPLY = 59, 3


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    """Run the 59 cases in a process of their own, since the plugin swaps classes of sklearn."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "swap_mlp", "-p", "no:cacheprovider"]
    command += ["--pyargs", "sklearn.neural_network.tests.test_mlp", "-c", os.devnull]
    path = os.pathsep.join([str(PLUGINS), *sys.path])
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path_factory.mktemp("root"))],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.9"),
    reason="older versions of scikit-learn ship fewer tests than the 59 counted here",
)
def test_all_that_can_apply_pass(output):
    assert f"{CASES - CANNOT_APPLY} passed, {CANNOT_APPLY} deselected" in output, output


def test_those_that_cannot_apply_have_tests_in_their_place():
    text = (PLUGINS / "swap_mlp.py").read_text()
    replacements = re.findall(r'"tests/(\S+)::(\w+)"', text)
    assert len(replacements) == CANNOT_APPLY
    for file, function in replacements:
        assert f"def {function}(" in (Path(__file__).parent / file).read_text()
