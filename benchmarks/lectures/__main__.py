"""Train the experiments of the lectures and write docs/lectures.md.

    make lectures                                   all experiments, with all seeds
    make lectures ARGS='--only A8 --seeds 1'        one experiment, printed only
    make lectures ARGS='--page'                     write the page from the stored results

The results are stored in build/lectures.jsonl, so that an interrupted run can be continued.
"""

import argparse
import sys
from pathlib import Path

from benchmarks.lectures import page, running
from benchmarks.lectures.systems import select

ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "lectures.jsonl"
PAGE = ROOT / "docs" / "lectures.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lectures", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument(
        "--only", metavar="ID", help="an experiment, or a group such as A9; default: all"
    )
    parser.add_argument("--seeds", type=int, metavar="N", help="default: 5, or 100 for toy data")
    parser.add_argument(
        "--jobs", type=int, default=2, metavar="N", help="number of processes; default: 2"
    )
    parser.add_argument("--page", action="store_true", help="write the page without training")
    options = parser.parse_args()
    try:
        systems = select(options.only)
    except ValueError as error:
        parser.error(str(error))
    todo = running.tasks(systems, options.seeds)
    found = running.kept(todo, CACHE)
    done = [task for task, _ in found]
    missing = [] if options.page else [task for task in todo if task not in done]
    report(f"{len(found)} of {len(todo)} fits are stored in {CACHE.relative_to(ROOT)}")
    for number, (task, result) in enumerate(running.trained(missing, CACHE, options.jobs), 1):
        found.append((task, result))
        report(f"{number}/{len(missing)} {task.system.id} seed {task.seed}: {result['values']}")
    values: dict[str, list[dict[str, float]]] = {system.id: [] for system in systems}
    for task, result in found:
        values[task.system.id].append(result["values"])
    if options.only or options.seeds:
        print(page.table(systems, values))
    else:
        page.write(PAGE, systems, values)
        print(f"Written: {PAGE.relative_to(ROOT)}")


def report(line: str) -> None:
    """Print a line of progress to stderr, so that stdout contains only the result."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
