"""The files around the package: versions, citation, workflows and templates."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML, which comes with the extra dask")

ROOT = Path(__file__).parents[1]
if not (ROOT / ".github").exists():
    pytest.skip("these files are not in the source distribution", allow_module_level=True)
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def check_version(root, *arguments):
    """Run .ci/check_version.py; return its exit status and message."""
    command = [sys.executable, root / ".ci/check_version.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stderr


def test_all_files_name_one_version():
    assert check_version(ROOT) == (0, "")


def test_a_tag_of_another_version_is_an_error(tmp_path):
    for name in (".ci/check_version.py", "pyproject.toml", "sknn_tips/__init__.py", "CITATION.cff"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    version = load(ROOT / "CITATION.cff")["version"]
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## [{version}] - 2026-12-01\n")
    assert check_version(tmp_path, f"v{version}") == (0, "")
    status, message = check_version(tmp_path, "v9.0")
    assert status == 1
    assert "the tag: 9.0\n" in message
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n")
    status, message = check_version(tmp_path, f"v{version}")
    assert status == 1
    assert "CHANGELOG.md: Unreleased\n" in message


def test_the_citation_has_what_its_format_requires():
    citation = load(ROOT / "CITATION.cff")
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert all("name" in author for author in citation["authors"])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_commands_and_files_that_exist(path):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    jobs = load(path)["jobs"]
    for job in jobs.values():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= set(jobs)
        if "uses" in job:
            assert (ROOT / job["uses"]).exists()
            assert "workflow_call" in load(ROOT / job["uses"])[True]  # YAML reads `on` as True
        for step in job.get("steps", []):
            command = step.get("run", "")
            assert set(re.findall(r"\bmake ([a-z-]+)", command)) <= set(targets)
            for file in re.findall(r"\.ci/\w+(?:\.py)?", command):
                assert (ROOT / file).exists()


def test_every_check_of_the_local_script_runs_in_the_workflow():
    jobs = load(ROOT / ".github/workflows/ci.yml")["jobs"]
    commands = [step.get("run") for job in jobs.values() for step in job["steps"]]
    assert {".ci/run", "make test-oldest", "make test-clients", "make docs"} <= set(commands)


def test_the_versions_of_python_are_those_that_the_package_names():
    matrix = load(ROOT / ".github/workflows/ci.yml")["jobs"]["tests"]["strategy"]["matrix"]
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)
    assert matrix["python"] == [named[0], named[-1]]


def test_only_the_upload_may_ask_for_an_identity():
    jobs = load(ROOT / ".github/workflows/release.yml")["jobs"]
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]
    assert jobs["publish"]["environment"] == "release"
    assert set(jobs["publish"]["needs"]) == {"ci", "wheels"}


@pytest.mark.parametrize("path", [path for path in FORMS if path.stem != "config"])
def test_issue_forms_have_what_github_requires(path):
    form = load(path)
    assert {"name", "description", "body"} <= set(form)
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for part in form["body"]:
        assert part["type"] in {"markdown", "textarea", "input", "dropdown", "checkboxes"}
        assert "value" in part["attributes"] or "label" in part["attributes"]
