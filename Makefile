# Two commands on a machine with python3 (>= 3.11), pip and make:
#   make demo   sets up .venv and runs the main job
#   make test   sets up .venv and passes the tests
PYTHON ?= python3
VENV   := .venv
RUN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test check clean

demo: $(STAMP)
	$(RUN)/darkreach run axion_to_photons --preset demo --out results/axion_to_photons --workers 2 --resume

test: $(STAMP)
	$(RUN)/python -m pytest

check: $(STAMP)
	ci/checks.sh

$(STAMP): pyproject.toml ci/constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "darkreach needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	PIP_CONSTRAINT=ci/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(RUN)/python -m pip install --quiet --editable '.[test,check]'
	touch $(STAMP)

clean:
	rm -rf $(VENV) results
