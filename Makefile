# make demo and make test need Python 3.11 or later, make and a package index; the first of them makes .venv/ from requirements.lock.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.made

.PHONY: demo test lint dev bench bench-small lock clean

demo: $(STAMP)
	$(BIN)/zhoubao demo

test: lint
	$(BIN)/pytest -q

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

dev: $(STAMP)
	$(BIN)/zhoubao dev

bench: $(STAMP)
	$(BIN)/python -m benchmarks

# a tenth, for CI
bench-small: $(STAMP)
	$(BIN)/python -m benchmarks 100000

# hashes are checked, and the project itself is installed without looking anything up
$(STAMP): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $(STAMP)

# after a change of pyproject.toml
lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements.lock

clean:
	rm -rf $(VENV) var
