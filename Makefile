# Everything a developer does. `make` alone explains itself.
#
# S=<name> narrows test, migrate and revision to one part: booking, catalog, payments, customers, notifications,
# gateway, shared or devstack. RUN_DIR and GATEWAY_PORT let two stacks run side by side.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# A machine whose network has certificates of its own is a machine like any other.
export UV_SYSTEM_CERTS := true
UV_VERSION := 0.13.9
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
# A distribution's Python was built by what profiling told, unlike one of pyenv: it spends about a tenth less on the same work.
QUICKER_PYTHON := /usr/bin/python3.11
RUN := .venv/bin/python -m
SOURCES := shared/src gateway/src $(wildcard services/*/src) deploy/devstack/src bench
MEMBERS := $(wildcard pyproject.toml shared/pyproject.toml gateway/pyproject.toml services/*/pyproject.toml deploy/devstack/pyproject.toml)
TESTS := $(if $(S),$(or $(wildcard services/$(S)/tests $(S)/tests deploy/$(S)/tests),$(error There are no tests of "$(S)")))
# All tests wait more than they reckon, so two files at a time are faster on any machine with two cores.
WORKERS := -n 2
INSTALLED := .venv/.installed
# Whether packages are up to date is nothing to wait for when something shall stop.
INSTALLED_BEFORE = test -e $(INSTALLED) || $(MAKE) --no-print-directory install

.PHONY: help install run up down status demo test soak e2e lint types format bench migrate revision openapi settings events keys env

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Install uv (into .tools) and all packages (into .venv)

run: $(INSTALLED) ## Run the whole system here until Ctrl-C
	@exec $(RUN) devstack run

up: $(INSTALLED) ## Run the whole system in the background
	@exec $(RUN) devstack up

down: ## Stop what runs in the background
	@$(INSTALLED_BEFORE); exec $(RUN) devstack down

status: ## Addresses and logins of what runs
	@$(INSTALLED_BEFORE); exec $(RUN) devstack status

demo: $(INSTALLED) ## Tell the story of a booking against the running system
	@exec $(RUN) devstack demo

test: $(INSTALLED) ## All tests, or one part's: make test S=booking
	@exec $(RUN) pytest -q -m "not soak" $(if $(S),,$(WORKERS)) $(TESTS)

soak: $(INSTALLED) ## The long forms of races and faults
	@exec $(RUN) pytest -q -m soak $(TESTS)

e2e: $(INSTALLED) ## The stories that cross services
	@exec $(RUN) pytest -q -m "not soak" tests/e2e

lint: $(INSTALLED) ## Style, imports between packages, sizes
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports
	@.venv/bin/python .ci/sizes.py

types: $(INSTALLED) ## mypy, strict
	@.venv/bin/mypy $(SOURCES)

format: $(INSTALLED) ## Put style and import order right
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

bench: $(INSTALLED) ## Measure speed, CPU and memory on this machine
	@exec $(RUN) bench

migrate: $(INSTALLED) ## Bring the running system's databases up to date
	@exec $(RUN) devstack migrate

revision: $(INSTALLED) ## Write a migration from the tables: make revision S=booking M="add crews"
	@exec $(RUN) devstack.revision $(or $(S),$(error Say whose: S=booking)) $(or $(if $(M),"$(M)"),$(error Say what: M="add crews"))

openapi: $(INSTALLED) ## Write the API's OpenAPI document to docs/openapi.json
	@$(RUN) devstack openapi > docs/openapi.json

settings: $(INSTALLED) ## Write docs/settings.md from the settings classes
	@$(RUN) devstack settings > docs/settings.md

events: $(INSTALLED) ## Write docs/events.md from the contracts
	@$(RUN) shared.contracts.events_page > docs/events.md

keys: $(INSTALLED) ## New identity and sealing keys for an .env file
	@exec $(RUN) devstack.keys

env: $(INSTALLED) ## Write a new .env for docker compose, with all keys and passwords made
	@! test -e .env || { echo ".env is there already."; exit 1; }
	@umask 077; $(RUN) devstack.keys .env.example > .env
	@echo "Still to be filled in:"; grep -nE '^[A-Z_]+=$$' .env

$(INSTALLED): uv.lock $(MEMBERS) | $(filter .tools/%,$(UV))
	@echo "Installing packages …"
	@python=$$($(QUICKER_PYTHON) -c 'import ctypes, ssl, sys; print(sys.executable)' 2>/dev/null || true); \
	$(UV) sync --quiet --frozen --all-packages --compile-bytecode $${python:+--python $$python}
	@touch $@

.tools/bin/uv:
	@echo "Installing uv $(UV_VERSION) into .tools …"
	@python3 -m venv .tools
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
