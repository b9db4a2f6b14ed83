# What a person or CI does with a clone. Needs make, Python 3.11 to 3.13 and the package registries; the rest is installed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
SECONDS ?= 0
EVENTS ?= 0
SCHEDULES ?= 10000
SEED ?=
SCENARIO ?= all
ROUNDS ?= 1
MINUTES ?=
BREAK ?= all
BIN := .venv/bin
INSTALLED := .venv/.installed
LOCKS := requirements.lock deploy/requirements.lock
CHAOS_SIZE = $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) \
	$(if $(filter-out 0,$(EVENTS)),--events $(EVENTS)) $(if $(filter-out 0,$(SECONDS)),--seconds $(SECONDS))
CODE := schemas kpi services tests benchmarks examples

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(INSTALLED) ## run everything on two real data sets; SECONDS=20 ends it 20 seconds after the first live value
	$(BIN)/kpi demo $(if $(filter-out 0,$(SECONDS)),--seconds $(SECONDS))

.PHONY: test
test: $(INSTALLED) parts check ## install what is missing, then every check and every test
	$(BIN)/pytest -n 2 --dist loadfile

.PHONY: table
table: $(INSTALLED) parts ## a generated year through the whole product, every KPI against its oracle, on both brokers, in every order
	$(BIN)/pytest tests/table --all-orders

.PHONY: simulate
simulate: $(INSTALLED) ## run 10,000 random schedules with crashes against the batch; SCHEDULES=100 SEED=7
	$(BIN)/python -m tests.property.simulation --schedules $(SCHEDULES) $(if $(SEED),--seed $(SEED))

.PHONY: chaos
chaos: $(INSTALLED) parts ## faults on Apache Kafka, exact or not; SCENARIO=kill-9 ROUNDS=3 SEED=7, or SCENARIO=soak MINUTES=60
	$(BIN)/python -m tests.chaos --scenario $(SCENARIO) --rounds $(ROUNDS) $(CHAOS_SIZE)

.PHONY: chaos-breaks
chaos-breaks: $(INSTALLED) parts ## break the service on purpose, and see that chaos notices; BREAK=no-fence
	$(BIN)/python -m tests.chaos --break $(BREAK) --events 20000 --seconds 30 $(if $(SEED),--seed $(SEED))

.PHONY: check
check: $(INSTALLED) ## format, lint, types, import table, dependencies, spelling, locks
	$(BIN)/ruff format --check $(wildcard $(CODE))
	$(BIN)/ruff check $(wildcard $(CODE))
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .
	$(BIN)/codespell
	@if grep -nE 'https?://' $(LOCKS); then echo "a lock names a registry"; exit 1; fi

.PHONY: format
format: $(INSTALLED) ## put the code into its form
	$(BIN)/ruff format $(wildcard $(CODE))
	$(BIN)/ruff check --fix $(wildcard $(CODE))

.PHONY: bench
bench: $(INSTALLED) parts ## measure the aggregator beside a stock Faust table, on the same broker
	$(BIN)/python -m benchmarks

.PHONY: bench-core
bench-core: $(INSTALLED) ## measure bodies, aggregates, panes and accepting in one process; EVENTS=100000 for a quick look
	$(BIN)/python -m benchmarks.core $(if $(filter-out 0,$(EVENTS)),--events $(EVENTS))

.PHONY: bench-recovery
bench-recovery: $(INSTALLED) parts ## measure how long workers are away: reading back, handing over, being killed
	$(BIN)/python -m benchmarks.recovery

.PHONY: lock
lock: $(INSTALLED) ## resolve the dependencies again, for every supported Python, without registry addresses
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		pyproject.toml --group dev --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--constraints requirements.lock pyproject.toml --output-file deploy/requirements.lock

.PHONY: clean
clean: ## remove everything that was installed, fetched or built here
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Real parts that tests run beside the service: each is used where it is found, and installed where that is allowed.
.PHONY: parts
parts: $(INSTALLED)
	@deploy/install-parts.sh
	@if command -v java >/dev/null && command -v mvn >/dev/null; then \
		$(BIN)/python -m tests.brokers.jars; \
	else \
		echo "java or mvn is missing: nothing will be tested on Apache Kafka"; \
	fi

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "$(PYTHON) is $$($(PYTHON) --version 2>/dev/null || echo missing); Python 3.11, 3.12 or 3.13 is needed." \
			"Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { \
		rm -rf .venv; echo "$(PYTHON) cannot make virtual environments: install python3-venv (Debian) or its like"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
