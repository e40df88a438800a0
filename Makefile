# `make demo` and `make test` do all their own set-up; `make` alone lists what there is.

VENV ?= .venv
# Many tests wait more than they work; a module stays with one worker, so that it opens one browser.
# Modules of few tests are the slow ones: they do not come last, when the other workers are done.
PYTEST_FLAGS ?= -n 4 --dist loadfile --no-loadscope-reorder

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Tests talk to this machine only, and slack_sdk does not heed NO_PROXY. Compiled tests are kept:
# each of the workers reads all of them.
UNPROXIED := env -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY -u http_proxy -u https_proxy \
	-u all_proxy -u PYTHONDONTWRITEBYTECODE
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

READY_TO_RUN := $(VENV)/.ready-to-run
READY_TO_DEVELOP := $(VENV)/.ready-to-develop

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint format bench soak screenshots lock settings clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: $(READY_TO_RUN) ## Install what the bot needs, or what has changed of it

demo: $(READY_TO_RUN) ## Try the bot in a local workspace: no account, no token, no network
	@$(BIN)/python -m slackbot demo

test: $(READY_TO_DEVELOP) ## Run the tests
	@$(UNPROXIED) $(BIN)/python -m pytest $(PYTEST_FLAGS)

check: lint ## Run everything that CI runs: lint, types, import rules, tests with coverage
	@$(UNPROXIED) $(BIN)/python -m pytest $(PYTEST_FLAGS) --cov

lint: $(READY_TO_DEVELOP) ## Check style, types and import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY_TO_DEVELOP) ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: export PYTHONPATH = tests
bench: $(READY_TO_DEVELOP) ## Measure all that docs/benchmarks.md tells
	@$(UNPROXIED) $(BIN)/python benchmarks/cold_start.py
	@$(UNPROXIED) $(BIN)/python benchmarks/latency.py
	@$(UNPROXIED) $(BIN)/python benchmarks/storage_format.py
	@$(UNPROXIED) $(BIN)/python benchmarks/knowledge.py
	@$(UNPROXIED) $(BIN)/python benchmarks/llm.py
	@$(UNPROXIED) $(BIN)/python benchmarks/prompt_cache.py
	@$(UNPROXIED) $(BIN)/python benchmarks/bombs.py
	@$(UNPROXIED) $(BIN)/python benchmarks/page.py

soak: export PYTHONPATH = tests
soak: $(READY_TO_DEVELOP) ## 50 kills, 10,000 mentions in a storm, 100,000 in one process; see docs/reliability.md
	@$(UNPROXIED) CRASHES=50 $(BIN)/python -m pytest $(PYTEST_FLAGS) tests/faults/test_crashes.py
	@$(UNPROXIED) $(BIN)/python benchmarks/soak.py
	@$(UNPROXIED) $(BIN)/python benchmarks/endurance.py

screenshots: $(READY_TO_DEVELOP) ## Take the pictures of the documentation anew (needs Chromium)
	@$(UNPROXIED) $(BIN)/python scripts/screenshots.py

lock: $(BIN)/python ## Resolve the dependencies anew; with UPGRADE=--upgrade to the newest versions
	@$(PIP) install uv
	@$(LOCK) $(UPGRADE) pyproject.toml requirements/build.in --output-file requirements/run.txt
	@$(LOCK) $(UPGRADE) pyproject.toml requirements/build.in --extra dev \
		--constraint requirements/run.txt --output-file requirements/dev.txt

settings: $(READY_TO_DEVELOP) ## Write the settings tables of the documentation anew
	@$(BIN)/python scripts/settings_table.py

clean: ## Remove everything that these commands have made
	rm -rf $(VENV) build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache

$(BIN)/python:
	@python=$$(sh scripts/find_python.sh) && echo "Setting up $(VENV) with $$python" && \
		"$$python" -m venv --clear $(VENV)

$(READY_TO_RUN): requirements/run.txt pyproject.toml $(BIN)/python
	@echo "Installing what the bot needs"
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(READY_TO_DEVELOP): requirements/dev.txt pyproject.toml $(BIN)/python
	@echo "Installing what the bot and its tests need"
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(READY_TO_RUN) $@
