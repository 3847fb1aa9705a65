# make build    set up, then build everything: the sample, CHAIN_DATA or TARGET=bigquery
# make daily    the same without training, then publish
# make publish  write the serving copy, one file for BI tools and the look-up: OPTIONS='--out …'
# make check    say what would be read of CHAIN_DATA and LABEL_DATA, without a build
# make test     set up, then every check
# make test-python   the part of it that runs on DuckDB
# make changed   build only what differs from BASE=origin/main, and what depends on it
# make test-bigquery   the part of it that builds the sample on a BigQuery emulator
# make sample   write the simulated seeds again
# make bench    measure the feature SQL and write docs/benchmark.md
# make bench-serve   measure the look-up on a million addresses, from the published copy
# make structure   print measures of the project's structure, before and now: OPTIONS='--before …'
# make serve    the look-up on http://127.0.0.1:8000: OPTIONS='--port 8080'
# make labels   import a label list: OPTIONS='--layout … --in … --out …', '--download … --out …',
#               or --list-layouts, --list-sources
# make report   write what the tables hold as one HTML page: OPTIONS='--out …'  TARGET=bigquery
# make slice    copy days or addresses of the public tables: OPTIONS='--out … --start … --end …'
# Options of build and daily: VARS='{search: full}'  SELECT='…'  EXCLUDE='…'  TARGET=bigquery  OPTIONS=--full-refresh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DBT_PROFILES_DIR ?= .

DBT_OPTIONS = $(if $(VARS),--vars '$(VARS)') $(if $(TARGET),--target $(TARGET)) \
	$(if $(SELECT),--select $(SELECT)) $(if $(EXCLUDE),--exclude $(EXCLUDE)) $(OPTIONS)

.PHONY: build daily publish check test test-python test-bigquery changed lint parse setup sample bench bench-serve structure slice labels report serve serve-setup serve-test-setup clean

build: setup
	$(BIN)/dbt build $(DBT_OPTIONS)

# On BigQuery the tests that read the whole history cost as much as the models.
daily: EXCLUDE = tag:train tag:graph $(if $(findstring bigquery,$(TARGET)),tag:whole_history)
daily: build
	$(if $(findstring bigquery,$(TARGET)),,$(PUBLISH))

PUBLISH = $(BIN)/python -m commands.publish $(if $(VARS),--vars '$(VARS)') $(if $(TARGET),--target $(TARGET))

publish: setup
	$(PUBLISH) $(OPTIONS)

check: setup
	$(BIN)/python -m commands.check $(OPTIONS)

report: setup
	$(BIN)/python -m commands.report $(if $(TARGET),--target $(TARGET)) $(OPTIONS)

# The emulator's tests run beside the others, for a machine of two cores, and are printed after them.
test: serve-test-setup lint parse
	@log=$$(mktemp); $(MAKE) --no-print-directory test-bigquery > $$log 2>&1 & emulated=$$!; \
	trap 'kill $$emulated 2> /dev/null; rm -f $$log' EXIT; trap 'exit 130' INT TERM; \
	$(BIN)/python -m pytest; others=$$?; \
	wait $$emulated; emulated_status=$$?; cat $$log; \
	exit $$((others + emulated_status))

test-bigquery: setup
	$(BIN)/python -m pytest tests/bigquery

test-python: setup
	$(BIN)/python -m pytest

# Builds what differs from BASE, what depends on it and what both need, on the sample.
BASE ?= origin/main
changed: setup
	@base=$$(mktemp -d)/base; trap 'git worktree remove --force "$$base"' EXIT; \
	git worktree add --quiet --detach "$$base" $(BASE) && cp profiles.yml "$$base" && \
	$(BIN)/dbt --quiet parse --project-dir "$$base" --profiles-dir "$$base" && \
	$(BIN)/dbt build --select '@state:modified' --indirect-selection cautious \
		--state "$$base/target"

# Checks see the sample and no database file, whatever the shell has set.
test test-python test-bigquery changed lint parse: export CHAIN_DATA =
test test-python test-bigquery changed lint parse: export LABEL_DATA =
test test-python test-bigquery changed lint parse: export REVIEW_DATA =
lint parse changed: export DUCKDB_PATH = :memory:

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar models tests

# BigQuery needs no account to be parsed.
parse: setup
	$(BIN)/dbt parse --target duckdb --no-partial-parse --show-all-deprecations --warn-error
	$(BIN)/dbt parse --target bigquery --no-partial-parse --show-all-deprecations --warn-error

# The size keeps the seven files under 8 MB.
sample: setup
	$(BIN)/python -m maintenance.simulator --transactions 19400 --seed 1 --format csv \
		--out seeds/sample --prefix sample_

bench: setup
	$(BIN)/python -m maintenance.benchmark --write

bench-serve: serve-setup
	$(BIN)/python -m maintenance.lookup_load $(OPTIONS)

structure: setup
	$(BIN)/python -m maintenance.structure $(OPTIONS)

slice: setup
	$(BIN)/python -m commands.slice $(OPTIONS)

serve: serve-setup
	$(BIN)/python -m commands.lookup $(if $(TARGET),--target $(TARGET)) $(OPTIONS)

# What the look-up needs beside: no build installs it.
serve-setup: setup $(VENV)/.installed-serve

$(VENV)/.installed-serve: requirements-serve.lock | $(VENV)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -r requirements-serve.lock
	@touch $@

serve-test-setup: $(VENV)/.installed-serve-test

$(VENV)/.installed-serve-test: requirements-serve-test.lock | $(VENV)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -r requirements-serve-test.lock
	@touch $@

labels: setup
	$(BIN)/python -m commands.labels $(OPTIONS)

setup: $(VENV)/.installed profiles.yml

$(VENV)/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11 …'; exit 1; }
	@echo 'Setting up $(VENV): about 200 packages, a few minutes the first time …'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --no-deps -r requirements.lock
	@touch $@

profiles.yml: | profiles.yml.example
	cp profiles.yml.example profiles.yml

clean:
	rm -rf $(VENV) target logs
