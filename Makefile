# make build   set up, then build everything on the sample (or on CHAIN_DATA / TARGET=bigquery)
# make test    set up, then every check
# Options: VARS='{"search": "full"}'  SELECT='…'  EXCLUDE='tag:train'  TARGET=bigquery

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DBT_PROFILES_DIR ?= .

DBT_OPTIONS = $(if $(VARS),--vars '$(VARS)') $(if $(TARGET),--target $(TARGET)) \
	$(if $(SELECT),--select $(SELECT)) $(if $(EXCLUDE),--exclude $(EXCLUDE))

.PHONY: build daily test lint setup sample bench clean

build: setup
	$(BIN)/dbt build $(DBT_OPTIONS)

daily: EXCLUDE = tag:train
daily: build

test: lint
	$(BIN)/python -m pytest

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar models tests macros

sample: setup
	$(BIN)/python -m tools.simulator --sample

bench: setup
	$(BIN)/python -m tools.benchmark --write

setup: $(VENV)/.installed profiles.yml

$(VENV)/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11 …'; exit 1; }
	@echo 'Setting up $(VENV): about 170 packages, a few minutes the first time …'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps -r requirements.lock
	@touch $@

profiles.yml: | profiles.yml.example
	cp profiles.yml.example profiles.yml

clean:
	rm -rf $(VENV) target logs
