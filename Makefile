# `make demo` shows what kg does with the notes of this folder; `make test` sets up and runs every check.
# Both make their own environment in .venv; PYTHON=python3.12 chooses another interpreter.

PYTHON ?= python3
BIN := .venv/bin
KG := $(BIN)/python -m kg
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
TURTLE := out/notes.ttl
JSONLD := out/notes.jsonld

# Which papers do most notes cite?
define QUERY
SELECT (COUNT(DISTINCT ?note) AS ?notes) ?year ?author ?title
WHERE {
  ?note fm:cites ?paper .
  ?paper fm:year ?year ; fm:firstAuthor/foaf:name ?author ; dcterms:title ?title .
}
GROUP BY ?paper ?year ?author ?title ORDER BY DESC(?notes) ?year LIMIT 12
endef
export QUERY

.DEFAULT_GOAL := help
.PHONY: help demo install test lint types format docs constraints clean

help:
	@echo 'make demo        build the graph of notes/, export it, ask it a question'
	@echo 'make test        set up and run every check: ruff, mypy, pytest'
	@echo 'make format      put the code in order with ruff'
	@echo 'make docs        write the pages that come from the code'
	@echo 'make constraints pin the versions that are installed in .venv'
	@echo 'make clean       remove the environment, the store and what was exported'

demo: .venv/.installed
	@echo '$$ kg build notes'
	@$(KG) build notes
	@mkdir -p out
	@echo; echo '$$ kg export $(TURTLE)'
	@$(KG) export $(TURTLE)
	@echo '$$ kg export $(JSONLD)'
	@$(KG) export $(JSONLD)
	@echo; echo "$$ kg query '$$QUERY'"; echo
	@$(KG) query "$$QUERY"
	@echo 'The graph is in .kg; beside it lie $(TURTLE) and $(JSONLD).'
	@echo "Ask it yourself: $(BIN)/kg query 'SELECT …'"

install: .venv/.installed

test: lint types
	@$(BIN)/python -m pytest --quiet

lint: .venv/.developing
	@$(BIN)/python -m ruff check --quiet
	@$(BIN)/python -m ruff format --quiet --check

types: .venv/.developing
	@$(BIN)/python -m mypy --no-error-summary

format: .venv/.developing
	@$(BIN)/python -m ruff check --quiet --fix
	@$(BIN)/python -m ruff format --quiet

docs: .venv/.developing
	@$(BIN)/python -m tests.cli_reference

constraints: .venv/.developing
	@{ sed -n '/^#/p' constraints.txt; $(PIP) freeze --all --exclude fm-kg --exclude setuptools; } > constraints.new && mv constraints.new constraints.txt

clean:
	rm -rf .venv .kg out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'kg needs Python 3.11 or newer; name one: make PYTHON=python3.12 …' >&2; exit 1; }
	@echo 'making the environment .venv …'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/.installed: .venv/.made pyproject.toml constraints.txt
	@echo 'installing kg into it …'
	@$(PIP) install --constraint constraints.txt --editable .
	@touch $@

.venv/.developing: .venv/.installed
	@echo 'installing the tools of the tests …'
	@$(PIP) install --constraint constraints.txt 'pip>=25.1'
	@$(PIP) install --constraint constraints.txt --group dev
	@touch $@
