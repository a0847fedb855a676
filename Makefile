PYTHON ?= python3
VENV ?= .venv

.PHONY: bench bench-quick

bench:  ## compare with pyGIMLi on an idle machine (12 minutes), write docs/performance.md
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet -e ".[peers]"
	$(VENV)/bin/python -m benchmarks

bench-quick:  ## the same on two short lines (2 minutes), docs/performance.md stays
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet -e ".[peers]"
	$(VENV)/bin/python -m benchmarks --quick --dry
