# make demo   the main job: creates .venv, installs, plays a conversation end to end
# make test   the test suite
# Needs only make and Python 3.11+ with venv and pip. Other interpreter: make PYTHON=python3.13 test

PYTHON ?= python3
VENV   ?= .venv
# What the tests need of the package beyond its core.
TEST_EXTRAS ?= emulator,yaml,rules,calendar,meta,charts,s3,otel,postgres
TEST_GROUPS ?= test

BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test lint format types contracts docs examples bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/.demo
	$(BIN)/wa-omnichannel demo

test: $(VENV)/.test
	$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check

format: $(VENV)/.lint
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.lint
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python

contracts: $(VENV)/.lint
	$(BIN)/lint-imports

docs: $(VENV)/.docs
	$(BIN)/zensical build --clean --strict

examples: $(VENV)/.test
	$(BIN)/python -m pytest tests/examples $(ARGS)

bench: $(VENV)/.bench
	@for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean:
	rm -rf $(VENV) build dist site .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp per set of packages, so that each command installs only what it needs.
$(VENV)/.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wa-omnichannel needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@touch $@

$(VENV)/.demo: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) -e '.[emulator]'
	@touch $@

$(VENV)/.test: $(VENV)/.venv pyproject.toml constraints.txt
	$(PIP) -e '.[$(TEST_EXTRAS)]' $(addprefix --group ,$(TEST_GROUPS))
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	$(PIP) --group lint
	@touch $@

$(VENV)/.docs: $(VENV)/.test
	$(PIP) --group docs
	@touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) --group bench
	@touch $@
