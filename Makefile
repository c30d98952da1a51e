# make demo and make test need Python 3.11 or later, make and a package index; the first of them makes .venv/ from requirements.lock,
# with the uv of requirements-uv.lock.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.PHONY: demo test test-all lint docs dev bench bench-small fuzz properties faults faults-small older-duckdb lock sbom licences clean

demo: $(STAMP)
	$(BIN)/zhoubao demo

# lint, types and the short tier of the tests: minutes
test: lint
	$(BIN)/pytest -q -m "not long"

# the rest: whole runs by the dozen, kills, served pages, properties at length
test-all: older-duckdb
	$(BIN)/pytest -q -m long

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# the pages that are made from models, suites and asset graph; look at what changed
docs: $(STAMP)
	$(BIN)/python -m tests.generated_pages

dev: $(STAMP)
	$(BIN)/zhoubao dev

bench: $(STAMP) var/dbt/.made
	$(BIN)/python -m benchmarks

# the rival of an ordinary day, in an environment of its own: it and what it needs would not go with the program's libraries
var/dbt/.made: $(STAMP)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python var/dbt
	$(BIN)/uv pip install --quiet --compile-bytecode --python var/dbt/bin/python dbt-core==1.11.16 dbt-duckdb==1.11.1 \
	    duckdb==$$($(BIN)/python -c 'import duckdb; print(duckdb.__version__)')
	touch $@

# small, for CI: it proves that the counts are equal; of times this small nothing follows
bench-small: $(STAMP)
	$(BIN)/python -m benchmarks loading --rows 100000
	$(BIN)/python -m benchmarks incremental --rows 2000 --days 5,10
	$(BIN)/python -m benchmarks history --rows 2000 --days 30
	$(BIN)/python -m benchmarks checks --rows 50000
	$(BIN)/python -m benchmarks run --days 10 --rows 2000 --rounds 1
	$(BIN)/python -m benchmarks start_up

# looks for files that break the reader; atheris is needed for nothing else, so it lies beside the environment
fuzz: SECONDS ?= 600
fuzz: $(STAMP)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target var/atheris --no-deps atheris==3.0.0
	PYTHONPATH=var/atheris $(BIN)/python -m tests.exports.fuzzing $(SECONDS)

# the properties of the ingestion with many times the examples of make test, and every byte where that takes each seventh
properties: TIMES ?= 20
properties: $(STAMP)
	EXAMPLES_TIMES=$(TIMES) $(BIN)/pytest -q tests/exports tests/pipelines/test_any_order.py

# every command killed and failed at every kind of call, whole runs too, files damaged, each for SECONDS at most, and publications without
# rest under the eyes of readers; the figures go to tests/faults/figures.json, from which docs/faults.md is made
faults: KILLS ?= 500
faults: WHOLE_RUNS ?= 20
faults: BESIDE ?= 20
faults: SECONDS ?= 3600
faults: DAMAGES ?= 1000000
faults: PUBLICATIONS ?= 500
faults: $(STAMP)
	$(BIN)/python -m tests.faults --kills $(KILLS) --whole-runs $(WHOLE_RUNS) --beside $(BESIDE) \
	    --damages $(DAMAGES) --seconds $(SECONDS) --publications $(PUBLICATIONS) --note
	$(BIN)/python -m tests.faults --docs > docs/faults.md

# small, for CI: on two cores within three minutes, at random; make test has what is the same each time
faults-small: $(STAMP)
	$(BIN)/python -m tests.faults --kills 8 --beside 1 --seconds 60 & kills=$$!; \
	$(BIN)/python -m tests.faults --damages 1000000 --seconds 60; damages=$$?; \
	wait $$kills && exit $$damages

# older clients, for the test that opens the published file with them
older-duckdb: var/duckdb-1.2.2/.made var/duckdb-1.5.6/.made

var/duckdb-%/.made: $(STAMP)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target var/duckdb-$* --no-deps duckdb==$*
	touch $@

# hashes are checked, and the project itself is installed without looking anything up; all is compiled, since uv leaves that to the
# first import, which a service without the right to write here, or PYTHONDONTWRITEBYTECODE, repeats each time: 6 s of a run
$(STAMP): requirements.lock requirements-uv.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q assets pipelines
	touch $(STAMP)

# after a change of pyproject.toml
lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements.lock
	printf 'uv==%s\n' "$$($(BIN)/uv --version | cut -d' ' -f2)" | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements-uv.lock

# what is installed, with versions and licences, as CycloneDX; the tool lies beside the environment and is not listed
sbom: var/cyclonedx/.made
	$(BIN)/python -c "import runpy, sys; sys.path.insert(0, 'var/cyclonedx'); runpy.run_module('cyclonedx_py', run_name='__main__')" environment --no-validate --output-reproducible --of JSON -o var/sbom.json $(BIN)/python

var/cyclonedx/.made: $(STAMP)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target var/cyclonedx cyclonedx-bom==7.5.0
	touch $@

# the licences of what runs, against those that were reviewed
licences: $(STAMP)
	$(BIN)/python .ci/licences.py

clean:
	rm -rf $(VENV) var
