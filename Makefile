# `make` alone lists the targets. Each one makes what it needs first; nothing has to be installed by hand.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help up down drift test test-full lint ruff types lock generate docs sandbox wheel clean

BIN := .venv/bin
# Tests that drive the CLI wait for processes more than they compute: three at once keep two cores busy.
WORKERS ?= 3
INSTALLED := .venv/.installed
# Every script finds the Pulumi CLI and the packages of this checkout, whatever is active in the terminal.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTHONDONTWRITEBYTECODE

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

up: $(INSTALLED) pulumi  ## the main job: declare a tuned model beside its bucket and key, on this machine
	@$(BIN)/python scripts/up.py

down: $(INSTALLED) pulumi  ## destroy what `make up` made and stop the sandbox
	@$(BIN)/python scripts/down.py

drift: $(INSTALLED) pulumi  ## fail if what exists differs from the state of stack dev; STACK=prod names another stack
	@scripts/pulumi refresh --preview-only --expect-no-changes --non-interactive --diff --stack $(or $(STACK),dev)

# Types and import rules are checked beside the tests, because they keep one core busy; what they say comes last.
BESIDE_TYPES = said=$$(mktemp); trap 'rm -f "$$said"' EXIT; \
	$(MAKE) --no-print-directory types >"$$said" 2>&1 & types=$$!; \
	$(BIN)/python -m pytest $(1) -n $(WORKERS) --dist worksteal; tests=$$?; \
	wait $$types; types=$$?; cat "$$said"; test $$tests -eq 0 -a $$types -eq 0

test: ruff pulumi  ## lint, types, import rules and the tests; SEED=7 draws other cells of the long matrices
	@$(call BESIDE_TYPES,-m "not full" --hypothesis-profile "make test" $(if $(SEED),--seed $(SEED)))

test-full: ruff pulumi  ## as test, with all cells of the matrices, and writes docs/reliability.md; PART=2/5 SEED=7 runs one part
	@$(call BESIDE_TYPES,$(if $(PART),--part $(PART)) $(if $(SEED),--seed $(SEED))); ended=$$?; \
	(cd tests && ../$(BIN)/python -m support.reliability_page) && exit $$ended

lint: ruff types  ## ruff, mypy --strict and the import contracts

ruff: $(INSTALLED)
	@echo "ruff"; $(BIN)/ruff check --quiet && $(BIN)/ruff format --check --quiet

types: $(INSTALLED)
	@echo "mypy"; $(BIN)/mypy --no-error-summary
	@echo "lint-imports"; said=$$($(BIN)/lint-imports --no-logo) || { echo "$$said"; exit 1; }

lock: $(INSTALLED)  ## write requirements.lock from pyproject.toml again
	@$(BIN)/python scripts/lock.py

generate: $(INSTALLED)  ## write the declarations, the tables of docs/ and docs/checks.md from resources/
	@cd scripts && ../$(BIN)/python -m generate

docs: $(INSTALLED)  ## draw the pictures of docs/ again and build the site into build/site; a broken link fails
	@$(BIN)/python scripts/draw_pictures.py
	@$(BIN)/python scripts/make_docs.py

sandbox: $(INSTALLED)  ## run the sandbox by hand, in the foreground
	@$(BIN)/python -m tuning_sandbox

wheel: $(INSTALLED)  ## build the wheel into dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist .

clean:  ## remove .venv and every cache of this checkout; stacks and their state stay
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .cache provider/*.egg-info

.PHONY: pulumi .venv
pulumi:
	@sh scripts/find-python scripts/setup_pulumi.py >/dev/null

.venv: $(INSTALLED)

$(INSTALLED): requirements.lock pyproject.toml
	@sh scripts/find-python scripts/make_venv.py
