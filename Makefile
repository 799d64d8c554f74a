# Each target sets itself up in .venv; nothing but Python 3.10 or newer and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
CT ?=
OUTPUT ?= demo_output
DATA ?= ../shared/data

.PHONY: demo test lint score bench clean help

help:
	@echo "make demo            segment a synthetic chest CT into $(OUTPUT)/"
	@echo "make demo CT=path    segment a DICOM folder, NIfTI, NRRD, MHD or MHA file"
	@echo "make test            run every test"
	@echo "make lint            check style and types"
	@echo "make score           score the command on real scans (DATA=folder with cases.csv), write Testing/Baselines"
	@echo "make bench           time the engine on a 512x512x300 phantom"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "Python 3.10 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(BIN)/python pyproject.toml
	$(PIP) -e .
	@touch $@

$(VENV)/.ready-test: $(BIN)/python pyproject.toml Testing/constraints.txt
	$(PIP) -e ".[test,mrml]" -c Testing/constraints.txt
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-lint: $(BIN)/python pyproject.toml
	$(PIP) -e ".[lint]"
	@touch $@

demo: $(VENV)/.ready
ifeq ($(strip $(CT)),)
	@$(BIN)/lungsegmentation phantom --output "$(OUTPUT)/phantom" --overwrite
	@$(BIN)/lungsegmentation segment "$(OUTPUT)/phantom/ct.nii.gz" --output "$(OUTPUT)/result" --overwrite
else
	@$(BIN)/lungsegmentation segment "$(CT)" --output "$(OUTPUT)/result" --overwrite
endif

test: $(VENV)/.ready-test
	$(BIN)/python -m pytest

lint: $(VENV)/.ready-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

score: $(VENV)/.ready
	$(BIN)/python Testing/Benchmarks/score.py "$(DATA)/cases.csv" --output Testing/Baselines

bench: $(VENV)/.ready
	$(BIN)/python Testing/Benchmarks/engine_time.py --output Testing/Baselines

clean:
	rm -rf $(VENV) $(OUTPUT) build dist
