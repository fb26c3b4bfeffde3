# Two commands matter: `make report` and `make test`. Both set up their own environment first.
PYTHON ?= python3.11
BIN := .venv/bin
SAMPLE := data/sample

.DEFAULT_GOAL := help

help: ## list these targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .venv/ready ## install the locked packages into .venv

.venv/ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "python3.11 is needed: install it, or run make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

report: setup ## run the sample firm end to end and print where the report lies
	$(BIN)/rapport run $(SAMPLE)

test: setup ## all tests: the suite, the chain end to end, every page as a notebook
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --nbval-lax --nbval-current-env notebooks

lab: setup ## open the pages in JupyterLab
	$(BIN)/rapport lab

bench: setup ## the buying models beside lifetimes, in one run
	$(BIN)/python benchmarks/speed.py

docs: setup ## write the generated docs again
	$(BIN)/python -m rapport.reference

clean: ## remove the environment, runs and caches (never data/sample/raw)
	rm -rf .venv $(SAMPLE)/runs $(SAMPLE)/latest .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help setup report test lab bench docs clean
