# Two commands do all their own set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO_HOME ?= data
# Superset cannot share an environment with the rest: its pins are its own.
SUPERSET := .venv-superset
SUPERSET_PINS := orchestration/publish/superset/requirements
PORT ?= 8088
TRYTON ?= .tryton
DATACONTRACT := .venv-datacontract
# Tools that benchmarks compare with: no dependencies of the project, and their pins are
# their own.
BENCH := .venv-bench
BENCH_WATCH := .venv-bench-watch
ENGINE := .venv-engine
ENGINE_PINS := orchestration/engine/requirements.txt

.PHONY: demo test lint dev bi clean lock help crm-proof contracts bench parity

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, found " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV) (about a minute) ..."
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@LYTTEPOST_HOME="$(abspath $(DEMO_HOME))" $(BIN)/lyttepost-dbt --quiet parse --project-dir "$(CURDIR)/dbt_project" --profiles-dir "$(CURDIR)/dbt_project"
	@touch $(READY)

demo: $(READY) ## Replay 26 weekly visits of a made-up market, end to end
	@$(BIN)/lyttepost demo --home $(DEMO_HOME)

test: $(READY) ## Lint, types, architecture, SQL style and all tests
	@.ci/checks $(BIN)

lint: $(READY) ## Everything of `make test` but the tests
	@.ci/checks $(BIN) --no-tests

dev: $(READY) ## Open the graph in Dagster's UI
	@PATH="$(CURDIR)/$(BIN):$$PATH" LYTTEPOST_HOME="$(abspath $(DEMO_HOME))" DAGSTER_HOME="$(abspath $(DEMO_HOME))/dagster" \
		sh -c 'python -c "from orchestration import settings; settings.use_home(settings.home())" && \
			{ dagster-daemon run & trap "kill $$! 2>/dev/null" EXIT INT TERM; dagster-webserver -p 3000; }'

$(SUPERSET)/.ready: $(SUPERSET_PINS).txt
	@$(PYTHON) -c 'import sys; sys.exit("Apache Superset needs Python 3.11 or 3.12, found " + sys.version.split()[0] + "; give one by PYTHON=") if sys.version_info[:2] not in ((3, 11), (3, 12)) else None'
	@echo "Setting up $(SUPERSET) with Apache Superset (about two minutes, 870 MB) ..."
	@$(PYTHON) -m venv --clear $(SUPERSET)
	@$(SUPERSET)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(SUPERSET_PINS).txt
	@touch $@

bi: $(READY) $(SUPERSET)/.ready ## Open the published tables in Apache Superset; CHECK=1 asks every chart and stops
	@$(BIN)/python -m orchestration.publish.superset --home $(DEMO_HOME) --bin $(SUPERSET)/bin --port $(PORT) $(if $(CHECK),--check)

lock: $(READY) ## Write requirements.lock anew from pyproject.toml, and Superset's
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock
	@$(BIN)/uv pip compile $(SUPERSET_PINS).in --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o $(SUPERSET_PINS).txt

$(TRYTON)/.ready: tests/crm/tryton-requirements.txt
	@echo "Setting up $(TRYTON), a CRM to prove the sync against (about a minute) ..."
	@$(PYTHON) -m venv $(TRYTON)
	@$(TRYTON)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/crm/tryton-requirements.txt
	@touch $@

crm-proof: $(READY) $(TRYTON)/.ready ## The CRM sync against a real Tryton, end to end
	@LYTTEPOST_TRYTON_VENV="$(abspath $(TRYTON))" LYTTEPOST_CRM_PROOF_HOME="$(abspath $(DEMO_HOME))" $(BIN)/python -m pytest -p no:cacheprovider -v tests/crm/test_crm_tryton.py

$(DATACONTRACT)/.ready: data_contracts/lint-requirements.txt
	@$(PYTHON) -m venv --clear $(DATACONTRACT)
	@$(DATACONTRACT)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

contracts: $(DATACONTRACT)/.ready ## Every contract by the standard's own linter, in an environment of its own
	@for file in $$(find data_contracts -name '*.odcs.yml' | sort); do \
		$(DATACONTRACT)/bin/datacontract lint $$file > $(DATACONTRACT)/said.txt 2>&1 || { cat $(DATACONTRACT)/said.txt; echo "$$file does not keep to the standard"; exit 1; }; \
	done; echo "every contract keeps to the standard"

$(BENCH)/.ready: benchmarks/requirements.txt $(READY)
	@$(PYTHON) -m venv --clear $(BENCH)
	@$(BIN)/uv pip install --quiet --python $(BENCH)/bin/python -r $<
	@touch $@

$(BENCH_WATCH)/.ready: benchmarks/requirements-watch.txt $(READY)
	@$(PYTHON) -m venv --clear $(BENCH_WATCH)
	@$(BIN)/uv pip install --quiet --python $(BENCH_WATCH)/bin/python -r $<
	@touch $@

# What cannot be installed is skipped with a sentence; the other benchmarks run.
bench: $(READY) ## Every benchmark beside its last run; FULL=1 for full sizes (hours), ONLY=name,name
	@$(MAKE) --no-print-directory $(BENCH)/.ready || echo "trafilatura and urlwatch could not be installed"
	@$(MAKE) --no-print-directory $(BENCH_WATCH)/.ready || echo "changedetection.io could not be installed"
	@$(BIN)/python -m benchmarks.run $(if $(FULL),--full) $(if $(ONLY),--only $(ONLY))

$(ENGINE)/.ready: $(ENGINE_PINS)
	@echo "Setting up $(ENGINE) with Spark's client, Sail and dbt-spark (about three minutes) ..."
	@$(PYTHON) -m venv --clear $(ENGINE)
	@$(ENGINE)/bin/python -m pip install --quiet --disable-pip-version-check -r $(ENGINE_PINS)
	@touch $@

parity: $(READY) $(ENGINE)/.ready ## Build the demo's models on a distributed engine, score and publish; hold every table against DuckDB's
	@PYTHONPATH="$(CURDIR)" $(ENGINE)/bin/python -m orchestration.engine --home $(DEMO_HOME)
	@$(BIN)/python -m orchestration.engine.downstream --home $(DEMO_HOME)

clean: ## Remove the environment and caches (never the data)
	rm -rf $(VENV) $(SUPERSET) $(TRYTON) $(DATACONTRACT) $(BENCH) $(BENCH_WATCH) $(ENGINE) dbt_project/target .pytest_cache .mypy_cache .ruff_cache .hypothesis
