"""What importing the package adds to the import of the libraries that it uses.

    python benchmarks/imports.py

Medians in seconds of new processes, interleaved. The dependencies (numpy, pandas, scikit-learn,
torch and skorch) are imported first, so that the difference of the last two rows is our own part.
"""

import statistics
import subprocess
import sys
from time import perf_counter

ROUNDS = 9
NET = "from sklearn.neural_network import MLPClassifier"
DEPENDENCIES = f"import pandas, torch, skorch; {NET}"
SCRIPTS = {
    "scikit-learn's MLPClassifier": NET,
    "all dependencies": DEPENDENCIES,
    "all dependencies and sknn_tips": f"{DEPENDENCIES}; from sknn_tips import MLPClassifier",
}


def seconds(script: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", script], check=True)
    return perf_counter() - start


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in SCRIPTS}
    for number in range(ROUNDS + 1):
        for name, script in SCRIPTS.items():
            taken = seconds(script)
            if number:  # the first round reads the files from disk
                times[name].append(taken)
    print("| imported | s |\n|---|---:|")
    for name, taken in times.items():
        print(f"| {name} | {statistics.median(taken):.2f} |")


if __name__ == "__main__":
    main()
