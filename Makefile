# make demo   the main job: creates .venv, installs, plays a conversation end to end
# make test   the test suite
# make faults the fault tests, 200 rounds each
# Needs only make and Python 3.11+ with venv and pip. Other interpreter: make PYTHON=python3.13 test

PYTHON ?= python3
VENV   ?= .venv
# What the tests need of the package beyond its core.
TEST_EXTRAS ?= emulator,yaml,rules,calendar,text,meta,charts,crypto,s3,otel,postgres
TEST_GROUPS ?= test

BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test lint format types contracts docs desks examples bench faults clean
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

# The proof at full size: four processes, 5,000 conversations, 50 agents, one process killed. Takes minutes.
desks: $(VENV)/.test
	WA_ITEMS=5000 $(BIN)/python -m pytest tests/integration/test_many_desks.py $(ARGS)

examples: $(VENV)/.test
	$(BIN)/python -m pytest tests/examples $(ARGS)

# The long rounds of the fault tests; repeat a run with WA_FAULT_SEED=... make faults
faults: $(VENV)/.test
	WA_FAULT_ROUNDS=$${WA_FAULT_ROUNDS:-200} WA_FAULT_SEED=$${WA_FAULT_SEED:-$$(date +%s)} \
	    $(BIN)/python -m pytest tests/faults --junit-xml=faults.xml $(ARGS)
	@grep -o 'name="seed" value="[0-9]*"' faults.xml | sort -u

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
