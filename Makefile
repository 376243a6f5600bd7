# All commands run in .venv. The first command creates it and needs only python3 and pip.
PYTHON ?= python3
SCRIPTS := $(if $(filter Windows_NT,$(OS)),Scripts,bin)
BIN := .venv/$(SCRIPTS)
OLDEST := .venv-oldest/$(SCRIPTS)
CLIENTS := .venv-clients/$(SCRIPTS)
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help install lint types test test-slow test-pure test-oldest test-clients test-cpus soak coverage mutants docs demo bench doctor-table lectures clean

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# The stamp file is written last, so the next command resumes an interrupted installation.
# pip hides the output of a build, so a missing compiled part is reported here.
$(READY): pyproject.toml constraints.txt setup.py $(wildcard sknn_tips/ops/src/*)
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --constraint constraints.txt --editable '.[dev]'
	@$(BIN)/python -c 'import sknn_tips.ops._native' 2>/dev/null || \
		echo "The compiled part is missing; docs/installing.rst lists what building it needs."
	touch $@

install: $(READY)  ## Create .venv with the package and all development tools

lint: $(READY)  ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## Check the types
	$(BIN)/mypy

# Two workers with one OpenMP thread each; with more threads they would compete for the cores.
test: $(READY)  ## Run the tests but the slow ones: make test PYTEST_ARGS='-k datasets'
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 -m 'not slow' $(PYTEST_ARGS)

test-slow: $(READY)  ## Run the slow tests: examples, searches in several processes, dask
	$(MAKE) test PYTEST_ARGS="-m slow $(PYTEST_ARGS)"

# As on a machine without a C compiler. The variable affects only the tests, not the installation.
test-pure: $(READY)  ## Run the tests without the compiled part
	SKNN_TIPS_PURE=1 $(MAKE) test

# pip only chooses the newest versions; uv chooses the oldest that fit together. Old libraries call
# what the newer ones that they depend on have deprecated.
test-oldest:  ## Run the tests with the oldest libraries that pyproject.toml allows
	$(PYTHON) -m venv .venv-oldest
	$(OLDEST)/python -m pip install uv
	$(OLDEST)/python -m uv pip install --python $(OLDEST)/python --resolution lowest-direct --editable '.[test]'
	OMP_NUM_THREADS=1 $(OLDEST)/python -m pytest -n 2 -m 'not slow' -W ignore::DeprecationWarning $(PYTEST_ARGS)

# Libraries that nothing else needs; compiling all of their modules would take longer than the tests.
# The last command fails if one is missing, since its test is then skipped.
test-clients:  ## Try libraries that take scikit-learn's estimators, and write docs/clients.md
	$(PYTHON) -m venv .venv-clients
	$(CLIENTS)/python -m pip install --no-compile --constraint constraints.txt --editable '.[clients]'
	OMP_NUM_THREADS=1 $(CLIENTS)/python -m pytest -n 2 tests/clients $(PYTEST_ARGS)
	$(CLIENTS)/python docs/client_versions.py

# The kernels for older processors: AVX2, and those that are not vectorised.
test-cpus: $(READY)  ## Run the tests with the kernels of three kinds of processor
	$(MAKE) test
	ATEN_CPU_CAPABILITY=avx2 OPENBLAS_CORETYPE=Haswell $(MAKE) test
	ATEN_CPU_CAPABILITY=default OPENBLAS_CORETYPE=Nehalem $(MAKE) test

soak: $(READY)  ## Try thousands of random cases, write docs/reliability.md: ARGS='--minutes 5'
	$(BIN)/python benchmarks/soak.py $(ARGS)

coverage: $(READY)  ## Measure how many lines and branches make test runs
	$(BIN)/python -m pip install pytest-cov
	$(MAKE) test PYTEST_ARGS="--cov --cov-report=term:skip-covered $(PYTEST_ARGS)"

# cosmic-ray changes the sources in place, one after another, and restores them.
mutants: $(READY)  ## Change the code of step, optimizers and losses: do tests fail? Takes hours
	$(BIN)/python -m pip install cosmic-ray
	mkdir -p .soak
	$(BIN)/cosmic-ray init tests/mutants.toml .soak/mutants.sqlite
	$(BIN)/cr-filter-operators .soak/mutants.sqlite tests/mutants.toml
	PATH="$(CURDIR)/$(BIN):$$PATH" OMP_NUM_THREADS=1 $(BIN)/cosmic-ray exec tests/mutants.toml .soak/mutants.sqlite
	$(BIN)/cr-report --show-diff --surviving-only .soak/mutants.sqlite
	$(BIN)/python benchmarks/c_mutants.py

docs: $(READY)  ## Build the documentation into docs/_build/html
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build/html
	$(BIN)/python docs/check_links.py docs/_build/html

demo: $(READY)  ## Run the demo: tips added one after another, a tuned Pipeline, the curves
	$(BIN)/python -m sknn_tips.demo

bench: $(READY)  ## Compare fit times and errors with other libraries; takes minutes
	$(BIN)/python benchmarks/fits.py
	$(BIN)/python benchmarks/steps.py
	$(BIN)/python benchmarks/small_things.py
	$(BIN)/python benchmarks/tables.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/sweeps.py --rounds 3
	$(BIN)/python benchmarks/recording.py
	$(BIN)/python benchmarks/sick_starts.py

doctor-table: $(READY)  ## Write docs/doctor_table.md: tips for healthy fits; takes 15 minutes
	$(BIN)/python benchmarks/doctor_table.py

lectures: $(READY)  ## Run the lectures' experiments, write docs/lectures.md: ARGS='--only A8'
	$(BIN)/python -m benchmarks.lectures $(ARGS)

clean:  ## Remove .venv and all generated files
	rm -rf .venv .venv-oldest .venv-clients .soak build dist *.egg-info docs/_build docs/generated docs/gallery
	rm -f sknn_tips/ops/_native.*so sknn_tips/ops/_native.pyd
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
