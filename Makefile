# Each target sets itself up in .venv; nothing but Python 3.10 or newer and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
CT ?=
OUTPUT ?= demo_output
DATA ?= ../shared/data
MONTAGES ?= build/montages
PARTS ?=
# Folder of Training.cross_validate: networks that were trained without some patients. Empty: the delivered network, which has seen all scans.
NETWORKS ?= Testing/Baselines/left_out/networks
# The scans and methods of the table of hard inputs; empty: all, which takes an hour.
HARD ?= $(addprefix --method ,network connected-components) $(addprefix --scan ,lidc0028 qin_LSC0014 cptac_C3N00247 tb1_002 tb1_001)
COUNT ?= 3000
SEED ?= 1
# A kind of file, or all, that atheris changes instead; for so many seconds each.
GUIDED ?=
SECONDS ?= 60
# An environment of the versions that Slicer 5.10 bundles; .venv has those of 5.12. Tests of what these could change run there too: nodes of
# images, DICOM, whole numbers, the network in numpy.
TEST_OPTIONS := --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
OLD_SLICER := $(VENV)-slicer-5.10
OLD_SLICER_TESTS := Testing/Adapter/test_Nodes.py $(addprefix Testing/Lib/test_,$(addsuffix .py,dicom dicom_agreement dicom_pixels \
	dicom_series label_maps_dicom hounsfield io grids volume numpy_runner measurement tables pieces trees))
# Versions of Python, or paths of interpreters, that the wheel runs on; what is not installed, uv downloads.
PYTHONS ?= 3.10 3.13
WHEEL_TESTS := $(filter-out Testing/Adapter/%,$(OLD_SLICER_TESTS)) $(addprefix Testing/Lib/test_,dicom_objects.py result_layouts.py)
# Set to 1, the tests of training run too; torch is a large download on most machines.
TRAINING ?=
TORCH ?= torch==2.13.0
# Set to 1, make docs asks every address of the pages too, which needs a network.
LINKS ?=

.PHONY: demo test coverage lint docs tables wheels score bench hard field vessels trees uncertainty verdicts left-out malformed fuzz kills montage command \
	review-speed studies clean help

help:
	@echo "make demo            segment a synthetic chest CT into $(OUTPUT)/"
	@echo "make demo CT=path    segment a DICOM folder, NIfTI, NRRD, MHD or MHA file"
	@echo "make test            run every test with Slicer 5.12's packages, a part of them with 5.10's (TRAINING=1: those of training too, which install torch)"
	@echo "make coverage        run the engine's tests, and list what they leave out; fails below 95 % of its lines"
	@echo "make lint            check style and types"
	@echo "make docs            build the documentation into build/docs/html; a warning fails (LINKS=1: ask external links too)"
	@echo "make tables          bring the tables of README.md and docs/ up to date with Testing/Baselines"
	@echo "make wheels          build what is released, run the wheel with Python 3.10 and 3.13, oldest and newest packages (PYTHONS=3.12)"
	@echo "make score           score the command on real scans (DATA=folder with cases.csv), write Testing/Baselines"
	@echo "make bench           our methods and the sources' steps side by side: scans, speed, networks, growth (PARTS=--speed for one)"
	@echo "make hard            score methods on real scans made harder on purpose, write Testing/Baselines (HARD= for all scans and methods, an hour)"
	@echo "make field           try inputs as users have them, made from real scans, write Testing/Baselines"
	@echo "make uncertainty     rank real scans and phantoms by the network's uncertainty and by its error, write Testing/Baselines"
	@echo "make vessels         find the vessels of phantoms, compare with the truth, write Testing/Baselines"
	@echo "make trees           measure vessel trees and airway walls of phantoms, count real airways' branches, write Testing/Baselines"
	@echo "make verdicts        judge right results and painted faults, write Testing/Baselines"
	@echo "make left-out        score networks on the patients that they never saw, write Testing/Baselines; bench, hard and verdicts take them too (NETWORKS=folder)"
	@echo "make malformed       give every wrong input of the tests to the command, with 10 s and 1.5 GB each, write Testing/Baselines"
	@echo "make fuzz            read COUNT=3000 files that were changed at random, from SEED=1 on (GUIDED=all: through atheris, SECONDS=60 a kind)"
	@echo "make kills           kill runs at every step and race four at once: is any result ever lost?"
	@echo "make command         time the whole command on 512 x 512 x 300 voxels step by step, write Testing/Baselines"
	@echo "make review-speed    time the review of 500 results in Chromium, write Testing/Baselines"
	@echo "make studies         run many scans: throughput, scheduling, a soak, faults, write Testing/Baselines (PARTS=faults for one; an hour)"
	@echo "make montage         draw outlines on real scans into $(MONTAGES)/ (pictures of patients: never commit them)"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "Python 3.10 or newer is needed, this is " + sys.version.split()[0] + "; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(BIN)/python pyproject.toml
	$(PIP) -e ".[network]"
	@touch $@

$(VENV)/.ready-test: $(BIN)/python pyproject.toml Testing/constraints.txt
	$(PIP) -e ".[test,mrml]" -c Testing/constraints.txt
	@touch $@ $(VENV)/.ready

$(VENV)/.ready-lint: $(BIN)/python pyproject.toml
	$(PIP) -e ".[lint]"
	@touch $@

$(VENV)/.ready-docs: $(BIN)/python pyproject.toml
	$(PIP) -e ".[docs]"
	@touch $@

$(VENV)/.ready-bench: $(BIN)/python pyproject.toml Testing/constraints.txt
	$(PIP) -e ".[bench,network]" -c Testing/constraints.txt
	@touch $@ $(VENV)/.ready

demo: $(VENV)/.ready
ifeq ($(strip $(CT)),)
	@$(BIN)/lungsegmentation phantom --output "$(OUTPUT)/phantom" --overwrite
	@$(BIN)/lungsegmentation segment "$(OUTPUT)/phantom/ct.nii.gz" --output "$(OUTPUT)/result" --overwrite
else
	@$(BIN)/lungsegmentation segment "$(CT)" --output "$(OUTPUT)/result" --overwrite
endif

$(VENV)/.ready-training: $(VENV)/.ready-test
	$(PIP) -e ".[training]" "$(TORCH)" -c Testing/constraints.txt
	@touch $@

$(OLD_SLICER)/.ready: $(BIN)/python pyproject.toml Testing/requirements-slicer-5.10.txt
	$(PYTHON) -m venv $(OLD_SLICER)
	$(OLD_SLICER)/bin/python -m pip install --quiet --disable-pip-version-check -e . -r Testing/requirements-slicer-5.10.txt
	@touch $@

test: $(VENV)/.ready-test $(OLD_SLICER)/.ready $(if $(TRAINING),$(VENV)/.ready-training)
	@$(BIN)/python -m compileall -q LungSegmentation  # each of many processes would do it again where Python may not write its own
	$(BIN)/python -m pytest $(TEST_OPTIONS)
	$(OLD_SLICER)/bin/python -m pytest $(TEST_OPTIONS) -p no:cacheprovider $(OLD_SLICER_TESTS)

coverage: $(VENV)/.ready-test
	@rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/python -m coverage run -m pytest $(TEST_OPTIONS) Testing/Lib
	-$(BIN)/python -m coverage combine --quiet  # tests kill processes: what these were writing is passed over
	$(BIN)/python -m coverage report

lint: $(VENV)/.ready-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.ready-docs
	$(BIN)/python -m sphinx -b html -W --keep-going -q -d build/docs/doctrees docs build/docs/html
	$(if $(LINKS),$(BIN)/python -m sphinx -b linkcheck -q -d build/docs/doctrees docs build/docs/links)
	@echo "build/docs/html/index.html"

tables: $(VENV)/.ready-test
	$(BIN)/python Testing/Documentation/page_tables.py

wheels: $(BIN)/python
	$(BIN)/python -c "import uv" 2>/dev/null || $(PIP) uv
	$(BIN)/python Testing/wheels.py --pythons $(PYTHONS) --tests $(WHEEL_TESTS)

score: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/score.py "$(DATA)/cases.csv" --output Testing/Baselines

bench: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/bench.py --cases "$(DATA)/cases.csv" --output Testing/Baselines $(if $(NETWORKS),--left-out "$(NETWORKS)") $(PARTS)

hard: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/hard_inputs.py "$(DATA)/cases.csv" --output Testing/Baselines $(if $(NETWORKS),--networks "$(NETWORKS)") $(HARD)

field: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/field_inputs.py "$(DATA)/cases.csv" --output Testing/Baselines

vessels: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/vessel_figures.py --output Testing/Baselines

trees: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/vessel_graph.py --output Testing/Baselines
	$(BIN)/python Testing/Benchmarks/airway_walls.py --output Testing/Baselines
	$(BIN)/python Testing/Benchmarks/airway_trees.py "$(DATA)/cases.csv" --output Testing/Baselines

verdicts: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/verdicts.py "$(DATA)/cases.csv" --output Testing/Baselines $(if $(NETWORKS),--networks "$(NETWORKS)")

left-out: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/reference_border.py "$(DATA)/cases.csv" --output Testing/Baselines/reference_border.csv
	$(BIN)/python Testing/Benchmarks/left_out.py "$(DATA)/cases.csv" --networks "$(NETWORKS)" --output Testing/Baselines/left_out/compact_networks_scans.csv

uncertainty: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/uncertainty.py "$(DATA)/cases.csv" --output Testing/Baselines

malformed: $(VENV)/.ready-test
	$(BIN)/python Testing/Benchmarks/malformed.py --output Testing/Baselines

fuzz: $(VENV)/.ready-test
ifeq ($(strip $(GUIDED)),)
	$(BIN)/python Testing/Benchmarks/fuzz.py --count "$(COUNT)" --seed "$(SEED)"
else
	$(BIN)/python -c "import atheris" 2>/dev/null || $(PIP) atheris
	$(BIN)/python Testing/Benchmarks/fuzz.py --guided "$(GUIDED)" --seconds "$(SECONDS)"
endif

kills: $(VENV)/.ready
	$(BIN)/python Testing/Benchmarks/lost_results.py

command: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/whole_command.py --output Testing/Baselines

review-speed: $(VENV)/.ready-test
	$(BIN)/python Testing/Benchmarks/review_speed.py --output Testing/Baselines

studies: $(VENV)/.ready-test
	$(BIN)/python Testing/Benchmarks/cohort.py --output Testing/Baselines $(if $(PARTS),--parts $(PARTS))

montage: $(VENV)/.ready-bench
	$(BIN)/python Testing/Benchmarks/montage.py "$(DATA)/cases.csv" --output "$(MONTAGES)"

clean:
	rm -rf $(VENV) $(OLD_SLICER) $(OUTPUT) build dist
