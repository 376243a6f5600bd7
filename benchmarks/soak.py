"""Run the tests with random cases for many more cases than `make test` does.

    python benchmarks/soak.py                  half an hour
    python benchmarks/soak.py --minutes 5
    python benchmarks/soak.py --write          only write the table of docs/reliability.md

Each round runs every test of tests/random_cases in a new process, with a new seed of hypothesis.
Finished rounds are kept in .soak/rounds.json, so that the next call continues with the next seed.
A failure is printed, with the seed that repeats it, and its output is kept in .soak/.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from time import monotonic
from typing import Any

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".soak"
ROUNDS = KEPT / "rounds.json"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- begin of the table -->", "<!-- end of the table -->"
FILES = sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/random_cases/test_*.py")
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--cases", type=int, default=100, help="cases of each test in a round")
    parser.add_argument("--write", action="store_true", help="write the table, run nothing")
    options = parser.parse_args()
    KEPT.mkdir(exist_ok=True)
    rounds = json.loads(ROUNDS.read_text()) if ROUNDS.exists() else []
    end = monotonic() + 60 * options.minutes
    while not options.write and monotonic() < end:
        seed = len(rounds) // len(FILES)
        for file in FILES:
            rounds.append({"seed": seed, "file": file, **run(file, seed, options.cases)})
            ROUNDS.write_text(json.dumps(rounds, indent=1))
    write(rounds)
    sys.exit(any(each["failed"] for each in rounds))


def run(file: str, seed: int, cases: int) -> dict[str, Any]:
    """Run a file of tests once; return the number of cases of each test, and the failed tests."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
    command += [f"--hypothesis-seed={seed}", "--hypothesis-show-statistics"]
    environment = os.environ | {"SKNN_TIPS_CASES": str(cases), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    output = done.stdout + done.stderr
    parts = re.split(rf"^{re.escape(file)}::(\S+):\n", output, flags=re.MULTILINE)
    counts = {
        name: sum(
            int(n) for pair in re.findall(r"(\d+) passing, (\d+) failing", text) for n in pair
        )
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }
    failed = re.findall(rf"^FAILED {re.escape(file)}::(\S+)", output, flags=re.MULTILINE)
    print(
        f"{file}, seed {seed}: {sum(counts.values())} cases, {len(failed)} tests failed", flush=True
    )
    if done.returncode:
        (KEPT / f"{Path(file).stem}-{seed}.txt").write_text(output)
        print(*(f"  {name}" for name in failed), output[-2000:], sep="\n", flush=True)
    return {"cases": counts, "failed": failed}


def write(rounds: list[dict[str, Any]]) -> None:
    """Write the table of the page: each test with its number of cases."""
    cases: dict[str, int] = defaultdict(int)
    failed: dict[str, int] = defaultdict(int)
    for each in rounds:
        for name, number in each["cases"].items():
            test = f"{Path(each['file']).name}::{name.split('[')[0]}"
            cases[test] += number
            failed[test] += name in each["failed"]
    lines = ["| test | cases | failed rounds |", "|---|---:|---:|"]
    lines += [f"| `{test}` | {cases[test]:,} | {failed[test]} |" for test in sorted(cases)]
    lines += ["", f"{sum(cases.values()):,} cases; Python {platform.python_version()}."]
    before, after = PAGE.read_text().split(BEGIN)[0], PAGE.read_text().split(END)[1]
    PAGE.write_text("\n".join([before + BEGIN, *lines, END]) + after)


if __name__ == "__main__":
    main()
