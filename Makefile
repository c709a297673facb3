# Two commands matter: make run and make test. Each is enough on a fresh machine.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
BOOT := python3.11 setup/bootstrap.py
PACKAGES := core channels bot knowledge_index ticket_bridge

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

run: ## Set up what is missing, then start everything in the foreground
	@$(BOOT) run
	@exec .venv/bin/intake run

test: ## Set up what is missing, then lint, types and the whole test suite
	@$(BOOT) test
	@$(PY) setup/check.py

lint: ## Style and the direction of imports
	$(PY) -m ruff check . && $(PY) -m ruff format --check . && .venv/bin/lint-imports

types: ## Static types
	$(PY) -m mypy

unit: ## Unit and contract tests only
	$(PY) -m pytest tests/unit tests/contract

format: ## Put the code in its one format
	$(PY) -m ruff format . && $(PY) -m ruff check --fix .

bench: ## Measure turns and search, as ratios within one run
	$(PY) -m tests.bench

setup: ## Set up what is missing and stop
	@$(BOOT) run

lock: ## Pin the requirements again from the environments as they are
	$(PY) setup/lock.py

clean: ## Remove what can be made again; state in var/ stays
	rm -rf .venv .venv-rasa .cache ui/node_modules ui/dist

.PHONY: help run test lint types unit format bench setup lock clean
