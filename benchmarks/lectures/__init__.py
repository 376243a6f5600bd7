"""Train the experiments of the lectures with several seeds: ``python -m benchmarks.lectures``."""
