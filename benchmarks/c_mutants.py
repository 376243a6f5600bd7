"""Mutation testing of the compiled part: change one place of the C code, and see a test fail.

    python benchmarks/c_mutants.py                     100 mutants: half an hour
    python benchmarks/c_mutants.py --mutants 20 --seed 1

A mutant is one changed operator, comparison or number, drawn at random among all of `ops/src/`. It
is compiled with gcc into a folder of its own, and tests/ops/test_native_kernels.py runs with it.
Mutants that do not compile are not counted. Those that survive are printed.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "sknn_tips" / "ops" / "src"
TESTS = ROOT / "tests" / "ops" / "test_native_kernels.py"
CHANGES = {
    " + ": " - ",
    " - ": " + ",
    " * ": " / ",
    " / ": " * ",
    " += ": " -= ",
    " -= ": " += ",
    " *= ": " /= ",
    " < ": " <= ",
    " <= ": " < ",
    " > ": " >= ",
    " >= ": " > ",
    " == ": " != ",
    " != ": " == ",
    " && ": " || ",
    " || ": " && ",
    "++": "--",
}
# numbers in expressions, not those in names such as int64_t or __m256d
PLACES = re.compile("|".join(map(re.escape, CHANGES)) + r"|(?<![\w.])\d+(\.\d+)?(?![\w.])")
SECONDS = 60  # a mutant may loop for ever


class Mutant(NamedTuple):
    file: str
    line: int
    start: int
    end: int
    text: str

    def applied(self, line: str) -> str:
        return line[: self.start] + self.text + line[self.end :]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutants", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    mutants = list(all_mutants())
    random.Random(options.seed).shuffle(mutants)
    counts = {"killed": 0, "survived": 0}
    for mutant in mutants:
        if sum(counts.values()) == options.mutants:
            break
        if (result := outcome(mutant)) is None:
            continue
        counts[result] += 1
        if result == "survived":
            line = (SOURCES / mutant.file).read_text().splitlines()[mutant.line - 1]
            print(f"{mutant.file}:{mutant.line}\n- {line}\n+ {mutant.applied(line)}", flush=True)
    n = sum(counts.values())
    print(f"{n} of {len(mutants)} mutants: {counts['killed']} killed, {counts['killed'] / n:.1%}")


def all_mutants() -> Iterator[Mutant]:
    """Yield a mutant for every place, outside of comments and of the preprocessor's lines."""
    for path in sorted(SOURCES.iterdir()):
        code = re.sub(r"/\*.*?\*/", _blank, path.read_text(), flags=re.DOTALL)
        for number, line in enumerate(code.splitlines(), start=1):
            if line.lstrip().startswith("#") or '"' in line:
                continue
            for place in PLACES.finditer(line):
                text = CHANGES.get(place[0]) or str(float(place[0]) + 1).removesuffix(".0")
                yield Mutant(path.name, number, *place.span(), text)


def _blank(comment: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", comment[0])


def outcome(mutant: Mutant) -> str | None:
    """Return "killed" or "survived", or None if the mutant does not compile."""
    with tempfile.TemporaryDirectory() as folder:
        sources = shutil.copytree(SOURCES, Path(folder) / "src")
        path = sources / mutant.file
        lines = path.read_text().splitlines()
        lines[mutant.line - 1] = mutant.applied(lines[mutant.line - 1])
        path.write_text("\n".join(lines) + "\n")
        library = Path(folder) / "_native.abi3.so"
        if compiled(sources, library):
            return "survived" if passes(library) else "killed"
    return None


def compiled(sources: Path, library: Path) -> bool:
    include = sysconfig.get_path("include")
    flags = ["-O1", "-w", "-fPIC", "-shared", "-std=gnu11", "-fno-math-errno"]
    flags += ["-DPy_LIMITED_API=0x030B0000", f"-I{include}"]
    files = [str(path) for path in sources.glob("*.c")]
    run = subprocess.run(["gcc", *flags, *files, "-o", str(library), "-lm"], capture_output=True)
    return run.returncode == 0


def passes(library: Path) -> bool:
    environment = {**os.environ, "SKNN_TIPS_NATIVE": str(library), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", str(TESTS)]
    try:
        run = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


if __name__ == "__main__":
    main()
