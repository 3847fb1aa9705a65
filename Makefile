# make build    set up, then build everything: the sample, CHAIN_DATA or TARGET=bigquery
# make daily    the same without training, then publish
# make publish  write the serving copies, one file for BI tools, one for the look-up: OPTIONS='--out …'
# make profile  print what each model of the last build took: OPTIONS='--models 50'  TARGET=bigquery
# make check    say what would be read of CHAIN_DATA and LABEL_DATA, without a build
# make test     set up, then every check
# make test-python   the part of make test that runs on DuckDB
# make test-bigquery   the part of make test that builds the sample on a BigQuery emulator
# make changed   build only what differs from BASE=origin/main, and what depends on it
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
# VARS of a build are those of check and publish too.
# make setup, dev-setup   the environment alone: of builds, of the checks
# make lint     the first steps of make test: ruff, strict parse for both engines, sqlfluff
# make clean    remove the environment, target and logs

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DBT_PROFILES_DIR ?= .

# What a target leaves out beside your EXCLUDE.
LEFT_OUT =
DBT_OPTIONS = $(if $(VARS),--vars '$(VARS)') $(if $(TARGET),--target $(TARGET)) \
	$(if $(SELECT),--select $(SELECT)) \
	$(if $(LEFT_OUT)$(EXCLUDE),--exclude $(LEFT_OUT) $(EXCLUDE)) $(OPTIONS)

.PHONY: build daily publish profile check test test-python test-bigquery most beside changed lint setup dev-setup sample bench bench-serve structure slice labels report serve clean

build: setup
	$(BIN)/python -m commands.build $(DBT_OPTIONS)

# Unit tests are of the code, which a day does not change. On BigQuery the tests that read the whole
# history cost as much as the models.
daily: LEFT_OUT = tag:train tag:graph test_type:unit $(if $(findstring bigquery,$(TARGET)),tag:whole_history)
daily: build
	$(if $(findstring bigquery,$(TARGET)),,$(PUBLISH))

PUBLISH = $(BIN)/python -m commands.publish $(if $(VARS),--vars '$(VARS)') $(if $(TARGET),--target $(TARGET))

publish: setup
	$(PUBLISH) $(OPTIONS)

profile: setup
	$(BIN)/python -m commands.profile $(if $(TARGET),--target $(TARGET)) $(OPTIONS)

check: setup
	$(BIN)/python -m commands.check $(if $(VARS),--vars '$(VARS)') $(OPTIONS)

report: setup
	$(BIN)/python -m commands.report $(if $(TARGET),--target $(TARGET)) $(OPTIONS)

# Two groups of tests run at once, for a machine of two cores: `most`, and `beside` it those of
# BESIDE, which are printed at the end.
BESIDE = tests/bigquery tests/python/input tests/python/investors
LOG ?= /dev/stdout

test: dev-setup lint
	@log=$$(mktemp); trap 'rm -f "$$log"' EXIT; \
	$(MAKE) --no-print-directory --keep-going --jobs 2 LOG="$$log" most beside; status=$$?; \
	cat "$$log"; exit $$status

most:
	@$(BIN)/python -m pytest tests/python $(BESIDE:%=--ignore=%)

beside:
	@$(BIN)/python -m pytest $(BESIDE) > "$(LOG)" 2>&1

test-bigquery: dev-setup
	$(BIN)/python -m pytest tests/bigquery

test-python: dev-setup
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
test test-python test-bigquery changed lint: export CHAIN_DATA =
test test-python test-bigquery changed lint: export LABEL_DATA =
test test-python test-bigquery changed lint: export REVIEW_DATA =
lint changed: export DUCKDB_PATH = :memory:

# BigQuery needs no account to be parsed. A parse uses one core: this one runs beside that for
# DuckDB, with which the lint of SQL begins.
lint: dev-setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/dbt parse --target bigquery --target-path target/bigquery \
		--no-partial-parse --no-write-json --show-all-deprecations --warn-error & bigquery=$$!; \
	$(BIN)/python -m maintenance.lint_sql && wait $$bigquery

# The size keeps the seven files under 8 MB.
sample: setup
	$(BIN)/python -m maintenance.simulator --transactions 19400 --seed 1 --format csv \
		--out seeds/sample --prefix sample_

bench: dev-setup
	$(BIN)/python -m maintenance.benchmark --write

bench-serve: setup $(VENV)/.installed-serve
	$(BIN)/python -m maintenance.lookup_load $(OPTIONS)

structure: setup
	$(BIN)/python -m maintenance.structure $(OPTIONS)

slice: setup $(VENV)/.installed-bigquery
	$(BIN)/python -m commands.slice $(OPTIONS)

serve: setup $(VENV)/.installed-serve
	$(BIN)/python -m commands.lookup $(if $(TARGET),--target $(TARGET)) $(OPTIONS)

labels: setup $(if $(findstring review,$(OPTIONS)),$(VENV)/.installed-serve)
	$(BIN)/python -m commands.labels $(OPTIONS)

# A build installs what DuckDB needs. TARGET=bigquery, make serve and the checks add theirs.
setup: $(VENV)/.installed $(if $(findstring bigquery,$(TARGET)),$(VENV)/.installed-bigquery) profiles.yml

dev-setup: setup $(VENV)/.installed-dev

$(VENV)/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11 …'; exit 1; }
	@echo "Setting up $(VENV): $(call PACKAGES,$<), a minute or two the first time …"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) 'pip==26.3'
	@$(INSTALL) $<
	@touch $@

$(VENV)/.installed-%: requirements-%.lock | $(VENV)/.installed
	@echo "Adding to $(VENV) what $* needs: $(call PACKAGES,$<) in all …"
	@$(INSTALL) $<
	@touch $@

# Python compiles a module when it is first imported. Most of a package never is. It keeps the
# result whatever your shell has set: otherwise each command compiles for 2 s. The pip that
# comes with Python 3.11 takes three times as long to find a package in the index.
export PYTHONDONTWRITEBYTECODE =
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
INSTALL = $(PIP) --no-deps -r
PACKAGES = $$(grep -c == $(1)) packages

profiles.yml: | profiles.yml.example
	cp profiles.yml.example profiles.yml

clean:
	rm -rf $(VENV) target logs
