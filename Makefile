# Everything a person does with this tree. Bare `make` prints the list.
# Works with GNU make 3.81 and a plain sh; the longer recipes live in tools/.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test test-fast browser attack check fix sbom lock bench bench-scoring bench-live bench-pages bench-city bench-queue walks axe-all docs clean

BIN := .venv/bin
RUNTIME := .venv/.ready-runtime
DEV := .venv/.ready-dev
WORKERS ?= 2

export PYTHON
export KIZUKI_REQUIRE_ALL

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(RUNTIME) ## create .venv and install what the service needs (a second run takes no time)
	@echo "Ready: .venv holds what the service needs. Next: make run"

run: $(RUNTIME) ## start the service with an invented city: make run [HOST=127.0.0.1] [PORT=8000]
	@$(if $(HOST),KIZUKI_HOST=$(HOST)) $(if $(PORT),KIZUKI_PORT=$(PORT)) $(BIN)/kizuki run

test: $(DEV) ## run every test: make test [ARGS="-k queue"]
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: $(DEV) ## run the tests that need neither a browser nor PostgreSQL
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser and not postgres" $(ARGS)

browser: $(DEV) ## run the browser tests alone (needs Chromium)
	@$(BIN)/python -m pytest -m browser $(ARGS)

attack: $(DEV) ## play the opponent: threat tests, fuzzing, permission walker, canary, headers, advisories
	@tools/attack.sh

check: $(DEV) ## format, lint, types, import contracts, banks, generated documents, locks: all of them, then the failures
	@tools/check.sh

fix: $(DEV) ## format and repair what ruff can repair
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

sbom: $(DEV) ## write the bill of materials (CycloneDX) of what is shipped: make sbom [OUT=var/sbom.json]
	@mkdir -p $(dir $(or $(OUT),var/sbom.json))
	@$(BIN)/python tools/sbom.py >$(or $(OUT),var/sbom.json)
	@echo "Written: $(or $(OUT),var/sbom.json)"

lock: $(DEV) ## resolve requirements/*.in into the hashed locks: make lock [UPGRADE=1]
	@tools/lock.sh $(UPGRADE)

bench: $(RUNTIME) ## measure submissions per second beside the bare floor
	@$(BIN)/python tools/bench_submissions.py

bench-scoring: $(RUNTIME) ## the points table beside its bars: make bench-scoring [DATA=folder of study files]
	@DATA=$(DATA) $(BIN)/python tools/bench_scoring.py

bench-live: $(RUNTIME) ## measure the scoring of one sheet, and of a million beside a bare look-up
	@$(BIN)/python tools/bench_live.py && $(BIN)/python tools/bench_batch.py

bench-pages: $(DEV) ## measure a pupil's pages in Chromium with a slow processor and a slow line
	@$(BIN)/python tools/bench_pages.py 2>/dev/null | grep -v '^{'

bench-city: $(DEV) ## measure the city's pages: ten waves, and four hundred schools
	@$(BIN)/python tools/bench_city.py 2>/dev/null | grep -v '^{'

bench-queue: $(DEV) ## measure the counselor's queue with two hundred rows
	@$(BIN)/python tools/bench_queue.py 2>/dev/null | grep -v '^{'

walks: $(DEV) ## a thousand random walks of children through the pages: make walks [WALKS=1000] [FIRST=0] [WORKERS=2]
	@$(BIN)/python tools/walks.py $(or $(WALKS),1000) $(or $(FIRST),0) $(WORKERS)

axe-all: $(DEV) ## look for barriers on every screen of every bank in every language at every width
	@KIZUKI_AXE=all $(BIN)/python -m pytest -q tests/browser/test_every_language.py -k no_barrier

docs: $(DEV) ## write the generated documents again
	@$(BIN)/kizuki docs write

clean: ## remove .venv and every cache; var/ (the data) stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache .coverage htmlcov *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUNTIME): requirements/runtime.lock pyproject.toml
	@tools/environment.sh requirements/runtime.lock
	@touch $@

# The development lock holds the runtime lock's pins too, so one installation makes both ready.
$(DEV): requirements/dev.lock pyproject.toml
	@tools/environment.sh requirements/dev.lock
	@touch $(RUNTIME) $@
