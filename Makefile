PYTHON ?= python3
VENV ?= .venv
DEMO ?= demo-out
PY := $(VENV)/bin/python

.PHONY: quality help demo test lint docs bench bench-quick fuzz clean

help:  ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(PY):
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(PY)
	$(PY) -m pip install --quiet -e .
	@touch $@

$(VENV)/.installed-%: pyproject.toml | $(PY)
	$(PY) -m pip install --quiet -e ".[$*]"
	@touch $@ $(VENV)/.installed

demo: $(VENV)/.installed  ## measure, invert and judge a known earth; says where pictures and report are
	$(VENV)/bin/ohmscape demo --out $(DEMO)
	@echo "Pictures: $(DEMO)/section.png and $(DEMO)/pseudosection.png"
	@echo "Report:   $(DEMO)/report.html"

test: $(VENV)/.installed-test  ## all tests
	$(PY) -m pytest $(TESTS)

lint: $(VENV)/.installed-lint  ## ruff, mypy --strict, layers of the house
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

docs: $(VENV)/.installed-docs  ## the documentation, in site/
	$(VENV)/bin/mkdocs build --strict

fuzz: $(VENV)/.installed-test $(VENV)/.installed-fuzz  ## damaged files of every format, a day (docs/fuzzing.md)
	$(PY) -m tests.formats.fuzz $(or $(MUTATIONS),1000000)
	$(PY) -m tests.formats.fuzz_atheris --seconds $(or $(SECONDS),600)

clean:  ## remove what was made, the environment too
	rm -rf $(VENV) $(DEMO) fuzz-out build dist site .pytest_cache .mypy_cache .ruff_cache

bench: $(VENV)/.installed-peers  ## compare with pyGIMLi on an idle machine (12 minutes), write docs/performance.md
	$(PY) -m benchmarks

bench-quick: $(VENV)/.installed-peers  ## the same on two short lines (2 minutes), docs/performance.md stays
	$(PY) -m benchmarks --quick --dry

quality: $(VENV)/.installed-test  ## judge 200 spoilt surveys by the rules of qc (10 minutes), write docs/quality.md
	$(PY) -m benchmarks.quality --write
