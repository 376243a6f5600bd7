"""The README's code runs, prints what the README says, and what it links to is there."""

import ast
import builtins
import re
from pathlib import Path

import pytest
import sklearn

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# A block of Python and, where one follows at once, the text that it prints.
BLOCKS = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", README, re.DOTALL)


def words(text):
    """Split into words, numbers as floats."""
    return [float(word) if re.fullmatch(r"-?\d+(\.\d+)?", word) else word for word in text.split()]


def test_the_code_prints_what_the_readme_says(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the README writes a file
    assert sum(bool(printed) for _, printed in BLOCKS) >= 3
    names = {}
    with sklearn.config_context():  # the README turns metadata routing on
        for code, expected in BLOCKS:
            exec(compile(code, "README.md", "exec"), names)
            printed = words(capsys.readouterr().out)
            if not expected:
                continue
            for got, said in zip(printed, words(expected), strict=True):
                # Another processor may round a sum in another way.
                assert got == (pytest.approx(said, abs=0.03) if isinstance(said, float) else said)


def foreign_names(code):
    """Return the names that the code uses and neither imports nor assigns."""
    nodes = list(ast.walk(ast.parse(code)))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    own = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    own |= {alias.asname or alias.name for node in imports for alias in node.names}
    return used - own - set(vars(builtins))


def test_a_block_imports_what_it_uses_unless_the_text_says_that_it_continues():
    texts = re.split(r"```python\n.*?```", README, flags=re.DOTALL)
    for text, (code, _) in zip(texts, BLOCKS, strict=False):
        paragraph = text.strip().rpartition("\n\n")[2]
        assert bool(foreign_names(code)) == ("continues" in paragraph), code


def test_before_the_second_heading_there_is_installation_a_result_and_a_picture():
    opening = README.split("\n## ")[0]
    assert "pip install" in opening
    assert "```python" in opening
    assert re.search(r"!\[[^]]+\]\(\S+\.png\)", opening)


def test_every_linked_file_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert all((ROOT / link).is_file() for link in links)
