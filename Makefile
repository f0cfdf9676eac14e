# The whole set-up: every target makes the environment it needs, with any Python from 3.11 on.
#
#   make demo      install, then train the model of examples/linear_regression.py
#   make test      format, lint, types, tests and doctests
#   make test-all  all cases of the tests, on every Python 3.11, 3.12 and 3.13 of this machine
#   make bench     tables of speed and compile time
#   make format    put the code into the form `make test` asks for
#   make clean     remove what the others made
#
# Another interpreter: make test PYTHON=python3.12   (after make clean)

SHELL := bash
.DELETE_ON_ERROR:
.NOTPARALLEL:

# The tests import the package in many processes: what one has compiled, the others read.
unexport PYTHONDONTWRITEBYTECODE
# They run side by side: what decomposes a small matrix needs no threads of its own.
test test-all: export OPENBLAS_NUM_THREADS := 1

VENV := .venv
RUN := $(VENV)/bin/python
PYTHON ?= $(firstword $(shell .ci/pythons) python3)
CHECKED := adjoint tests examples benchmarks
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-all bench format clean

demo: $(VENV)/.demo
	@$(RUN) examples/linear_regression.py

test: $(VENV)/.test
	@$(RUN) -m ruff format --check --quiet $(CHECKED)
	@$(RUN) -m ruff check --quiet $(CHECKED)
	@$(RUN) -m mypy
	@$(RUN) -m pytest -q -n 2 --dist worksteal

test-all: $(VENV)/.test
	@set -e; failed=; for python in $$(.ci/pythons); do \
	    version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	    venv=.venv-$$version; \
	    if [[ ! $$venv/.test -nt pyproject.toml ]]; then \
	        echo "making $$venv"; \
	        "$$python" -m venv --clear $$venv; \
	        $$venv/bin/python $(PIP_INSTALL) --editable '.[test,plot]'; \
	        touch $$venv/.test; \
	    fi; \
	    echo "Python $$version"; \
	    ADJOINT_TEST_EVERY=1 $$venv/bin/python -m pytest -q -n 2 --dist worksteal || failed="$$failed $$version"; \
	done; \
	if [[ $$failed ]]; then echo "failed on$$failed"; exit 1; fi

bench: $(VENV)/.test
	@$(RUN) benchmarks/speed.py
	@$(RUN) benchmarks/compile_time.py

format: $(VENV)/.test
	@$(RUN) -m ruff check --fix --quiet $(CHECKED)
	@$(RUN) -m ruff format $(CHECKED)

clean:
	rm -rf $(VENV) .venv-3.* build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An environment is made anew when its stamp is missing, and installed into when pyproject.toml
# has changed. Tests also draw, so their environment is the demonstration's and more.

$(VENV)/.made:
	@echo "making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.demo: pyproject.toml $(VENV)/.made
	@echo "installing adjoint"
	@$(RUN) $(PIP_INSTALL) --editable '.[plot]'
	@touch $@

$(VENV)/.test: pyproject.toml $(VENV)/.made
	@echo "installing adjoint and its tests"
	@$(RUN) $(PIP_INSTALL) --editable '.[test,plot]'
	@touch $@ $(VENV)/.demo
