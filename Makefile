# Two commands: `make demo` runs a county, `make test` proves it. Nothing but Python 3.11, Node 20, make and git is needed.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench lock environment web clean

PORT ?= 8000
RESET ?=
PREPARE = python=$$(sh scripts/python.sh) && $$python scripts/prepare.py

help: ## What can be made here
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: ## Run the demo county: PORT=8000, RESET=1 starts anew, GRIDLOOM_DATABASE_URL / GRIDLOOM_REDIS_URL use your servers
	@$(PREPARE) environment web
	@exec .venv/bin/gridloom demo --port $(PORT) $(if $(filter-out 0,$(RESET)),--reset)

test: ## Everything, against real servers and a real browser; ARGS="tests/clocks -k day" runs a part
	@$(PREPARE) environment web
	@.venv/bin/python -m tests.support.chromium || true
	@.venv/bin/python scripts/test.py $(ARGS)

check: ## Style, types, import contracts, house rules
	@$(PREPARE) environment packages
	@.venv/bin/python scripts/check.py

bench: ## How fast it is, beside others, into bench/RESULTS.md; ARGS="P1 P2" runs these. Takes the machine for an hour
	@$(PREPARE) environment
	@exec .venv/bin/python -m bench.run $(ARGS)

lock: ## Write requirements.lock anew from pyproject.toml: hashes, no addresses
	@$(PREPARE) environment
	@.venv/bin/python -m venv .venv/lock
	@.venv/lock/bin/pip install --quiet pip-tools
	@.venv/lock/bin/pip-compile --quiet --allow-unsafe --extra=dev --extra=embedded --generate-hashes --strip-extras \
		--no-emit-find-links --no-emit-index-url --no-emit-trusted-host --output-file=requirements.lock pyproject.toml

environment: ## Only the Python environment
	@$(PREPARE) environment

web: ## Only the web build
	@$(PREPARE) web

clean: ## Drop what was built (the demo's data stay)
	rm -rf .venv web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
