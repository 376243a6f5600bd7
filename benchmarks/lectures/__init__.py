"""The lecture decks' experiments, trained over several seeds: ``python -m benchmarks.lectures``."""
