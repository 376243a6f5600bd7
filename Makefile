# Everything runs in .venv, which the first command makes with nothing but python3 and pip.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help install lint types test test-pure test-cpus docs demo bench doctor-table lectures clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# The stamp is written last, so an interrupted install is taken up again by the next command.
# pip hides what a build prints, so whether there is a compiled part is said here.
$(READY): pyproject.toml constraints.txt setup.py $(wildcard sknn_tips/ops/src/*)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -c 'import sknn_tips.ops._native' 2>/dev/null || \
		echo "Without the compiled part, all in Python; docs/installing.rst says what it needs."
	touch $@

install: $(READY)  ## Make .venv with the package and every tool in it

lint: $(READY)  ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## Check the types
	$(BIN)/mypy

# Two workers; one OpenMP thread in each, or they take the cores from one another.
test: $(READY)  ## Run the tests: make test PYTEST_ARGS='-k datasets'
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

# As on a machine without a C compiler. The variable is for the tests alone, not for an install.
test-pure: $(READY)  ## Run the tests without the compiled part
	SKNN_TIPS_PURE=1 $(MAKE) test

# The kernels of older processors: AVX2, and none that is vectorised.
test-cpus: $(READY)  ## Run the tests with the kernels of three kinds of processor
	$(MAKE) test
	ATEN_CPU_CAPABILITY=avx2 OPENBLAS_CORETYPE=Haswell $(MAKE) test
	ATEN_CPU_CAPABILITY=default OPENBLAS_CORETYPE=Nehalem $(MAKE) test

docs: $(READY)  ## Build the documentation into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html

demo: $(READY)  ## Run the main job: the ladder of tips, a tuned Pipeline, the curves
	$(BIN)/python -m sknn_tips.demo

bench: $(READY)  ## Compare fit times and errors with the other libraries; minutes
	$(BIN)/python benchmarks/fits.py
	$(BIN)/python benchmarks/steps.py
	$(BIN)/python benchmarks/small_things.py
	$(BIN)/python benchmarks/tables.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/sweeps.py --rounds 3
	$(BIN)/python benchmarks/recording.py
	$(BIN)/python benchmarks/sick_starts.py

doctor-table: $(READY)  ## Write docs/doctor_table.md: the tips on healthy fits; a quarter of an hour
	$(BIN)/python benchmarks/doctor_table.py

lectures: $(READY)  ## Train the lectures' experiments and write docs/lectures.md: ARGS='--only A8'
	$(BIN)/python -m benchmarks.lectures $(ARGS)

clean:  ## Remove .venv and everything that is made
	rm -rf .venv build dist *.egg-info docs/_build docs/generated docs/gallery
	rm -f sknn_tips/ops/_native.*so sknn_tips/ops/_native.pyd
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
