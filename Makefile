# Two commands on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made-of
# what the environment is made of; a change makes it anew
SUM := $(shell cat pyproject.toml requirements.lock | cksum | tr ' ' -)

.PHONY: help setup run test test-fast check bench sbom advisories soak fuzz browser

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: ## the virtual environment with everything, if it is not there
	@if [ "$$(cat $(STAMP) 2>/dev/null)" != "$(SUM)" ]; then $(MAKE) --no-print-directory environment; fi

.PHONY: environment
environment:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: install python3.11 (or set PYTHON=…)."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing. Install one package: apt install python3-venv"; exit 1; }
	@echo "Setting up: about a minute the first time …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@echo "$(SUM)" > $(STAMP)

run: setup ## a sample commune in the browser, no token, no network
	@$(BIN)/nhipcau demo

# two for each of two processors: a third of the time a test waits, for a clock, a lease or another process
test: setup browser ## every test, PostgreSQL and a real browser included
	@$(BIN)/python -m pytest -q -n 4 --dist worksteal

test-fast: setup ## the quick part, under half a minute
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not slow"

check: setup ## format, lint, types, import rules
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy --explicit-package-bases tests scripts $(wildcard benchmarks)
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

bench: setup ## each benchmark beside its peer, one table
	@$(BIN)/python -m benchmarks.run

sbom: setup ## the list of parts with their licences, docs/reference/sbom.json
	@$(BIN)/python -m scripts.sbom

# needs an index that tells of advisories; its tools lie apart, so that the program's environment stays what is pinned
advisories: ## known faults of the pinned parts
	@test -x var/tools/bin/pip-audit || { $(PYTHON) -m venv var/tools && var/tools/bin/pip install --quiet pip-audit==2.10.1; }
	@var/tools/bin/pip-audit -r requirements.lock --require-hashes --disable-pip

soak: setup ## a long randomised run with faults and an oracle: MINUTES=10, and POSTGRESQL=1
	@$(BIN)/python -m tests.faults.soak $(or $(MINUTES),10) $(if $(POSTGRESQL),--postgresql)

fuzz: setup ## malformed requests at every door: COUNT=10000, SEED=1
	@$(BIN)/python -m tests.faults.malformed $(or $(COUNT),10000) $(or $(SEED),1)

# the browser of the tests: what is on PATH, else Playwright's own, else the distribution's package
browser: setup
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || $(BIN)/python scripts/has_browser.py \
	  || $(BIN)/playwright install chromium >/dev/null 2>&1 && $(BIN)/python scripts/has_browser.py \
	  || { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1 \
	  || { echo "No Chromium: install the package chromium."; exit 1; }
