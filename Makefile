# Everything a person or CI does with a checkout. `make` alone lists it.
# All paths are relative, so the checkout may lie in a folder with spaces or Cyrillic letters.

# PYTHON=python3.12 chooses the interpreter (3.11, 3.12 or 3.13). PYTEST_ARGS adds to pytest, for example
# PYTEST_ARGS='-k calendar' or PYTEST_ARGS='-n 4 --dist loadscope'. Files of few and slow tests come first as they stand,
# last if reordered, and then one process waits for the other.
PYTHON ?=
PYTEST_ARGS ?= -n 2 --dist loadscope --no-loadscope-reorder
DEMO_ARGS ?=
UI_ARGS ?=
BENCH_ARGS ?=
UPGRADE ?=
UV_VERSION ?= 0.13.9

PY := .venv/bin/python

# Nothing here reports its use to anyone.
export DAGSTER_DISABLE_TELEMETRY := yes
export GX_ANALYTICS_ENABLED := false
export DO_NOT_TRACK := 1

# Tests never see a developer's own installation.
TEST_ENV := env -u DAGSTER_HOME -u RSOKO_HOME -u RSOKO_WAREHOUSE_URL -u RSOKO_LANDING_URL -u RSOKO_OUTBOX_URL \
	-u RSOKO_CONFIG -u RSOKO_PSEUDONYM_KEY -u RSOKO_RIS_URL -u RSOKO_WORKERS

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --no-strip-extras --generate-hashes

.DEFAULT_GOAL := help
.PHONY: help bootstrap demo ui test lint format bench calibration check lock lock-uv wheel clean distclean

help: ## list what can be made
	@echo "РСОКО pipeline. First time here: make demo"
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo
	@echo "  PYTHON=python3.12 chooses the interpreter (3.11 to 3.13), PYTEST_ARGS='…' adds to pytest,"
	@echo "  DEMO_ARGS, UI_ARGS and BENCH_ARGS to the commands of those names."

bootstrap: ## prepare .venv (every other target does this by itself; costs nothing when ready)
	@PYTHON='$(PYTHON)' sh scripts/bootstrap.sh

demo: bootstrap ## simulate a region, run a whole school year, say where to look
	@.venv/bin/rsoko demo $(DEMO_ARGS)

ui: bootstrap ## Dagster's web pages on this checkout's data
	@.venv/bin/rsoko ui $(UI_ARGS)

test: bootstrap ## run all tests; fails under 90 % coverage
	@rm -f .coverage .coverage.*
	@echo "Running the tests"
	@$(TEST_ENV) $(PY) -m pytest --cov --cov-report=term --durations=10 $(PYTEST_ARGS)

lint: bootstrap ## check style and types, change nothing
	@failed=0; \
	for tool in "ruff check ." "ruff format --check ." "mypy"; do echo "$$tool"; $(PY) -m $$tool || failed=1; done; \
	exit $$failed

format: bootstrap ## put the code into the agreed form
	@$(PY) -m ruff check --fix-only --quiet . && $(PY) -m ruff format .

calibration: bootstrap ## measure the signs of bias on simulated regions, write docs/methodology (about 16 minutes)
	@$(PY) -m bench.calibration --workers 2 $(BENCH_ARGS)

check: bootstrap ## load all Dagster definitions and say what is wrong with them
	@PATH="$$PWD/.venv/bin:$$PATH" $(PY) -m dagster_dg_cli.cli check defs

bench: bootstrap ## measure speed as ratios in one run, write docs/benchmarks.md
	@$(PY) bench/run.py $(BENCH_ARGS)

lock: bootstrap ## write requirements.lock anew (UPGRADE=1: with newer versions)
	@echo "Writing requirements.lock"
	@$(PY) -m uv pip compile pyproject.toml requirements.in $(LOCK_OPTIONS) $(if $(UPGRADE),--upgrade) \
		--custom-compile-command "make lock" --output-file requirements.lock > /dev/null
	@$(MAKE) --no-print-directory bootstrap

lock-uv: bootstrap ## pin the installer itself (UV_VERSION=…)
	@echo 'uv==$(UV_VERSION)' | $(PY) -m uv pip compile - $(LOCK_OPTIONS) \
		--custom-compile-command "make lock-uv" --output-file scripts/uv.lock > /dev/null

wheel: bootstrap ## build the wheel into dist/
	@$(PY) -m hatchling build --target wheel

clean: ## remove caches and outputs; keeps .venv and your data (.rsoko)
	@rm -rf .coverage .coverage.* coverage.xml htmlcov build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis \
		bench/out
	@find rsoko_pipeline assets resources tests bench scripts -type d -name __pycache__ -prune -exec rm -rf {} + \
		2>/dev/null || true
	@echo "Clean. .venv and .rsoko are kept; make distclean removes .venv too."

distclean: clean ## clean, and remove .venv
	@rm -rf .venv
	@echo ".venv is removed. Your data in .rsoko is kept."
