# Thin wrappers around `python -m unet_tutorial`, pytest and the scripts in tools/.
# PYTHON=... chooses the Python that makes the environment; CONSTRAINTS= installs the newest
# versions that pyproject.toml allows instead of the tested ones.

PYTHON ?= python3
CONSTRAINTS ?= constraints.txt
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
RUN := $(BIN)/python
NEW_ENOUGH := import sys; sys.version_info >= (3, 11) or sys.exit("You need Python 3.11 or newer; \
this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12")

# READY records the folder and the constraints that the environment was made for. If the folder was
# moved or renamed, if you switch between tested and newest versions, or if its Python is gone, the
# environment is set up again.
READY := $(VENV)/.ready
STATE := $(CURDIR) $(CONSTRAINTS)
ifneq ($(strip $(shell $(RUN) -c "" 2>/dev/null && cat $(READY) 2>/dev/null)),$(strip $(STATE)))
.PHONY: $(READY)
endif

.PHONY: help lab update doctor test test-notebooks test-browser site mutants notebooks figures explorers checkpoint benchmark lint clean

help:
	@echo "make lab         open JupyterLab on your copy of the chapters, in workspace/"
	@echo "make update      bring a newer version into that copy; your answers stay"
	@echo "make doctor      check this machine"
	@echo "make test        run every test and every cell of every notebook"
	@echo "make test-notebooks  run the notebooks alone, each in an ordinary kernel"
	@echo "make test-browser  drive every chapter in a real JupyterLab"
	@echo "make site        build the chapters as a web site, in build/site/"
	@echo "make mutants     break every solution in small ways, and guess every quiz question blindly"
	@echo "make notebooks   run the notebooks again and write their outputs (ONLY=05: just that one)"
	@echo "make figures     draw figures/ again"
	@echo "make explorers   build what the explorers ship, and README's picture (ONLY=pooling)"
	@echo "make checkpoint  train the shipped network again from its seed"
	@echo "make benchmark   measure each chapter and write the tables of README and chapter 00"
	@echo "make lint        check the style of code and notebooks"
	@echo "make clean       remove the environment"

$(READY): pyproject.toml $(wildcard $(CONSTRAINTS))
	@$(RUN) -c "" 2>/dev/null || { $(PYTHON) -c '$(NEW_ENOUGH)' && rm -rf $(VENV); }
	@echo "Making the environment in $(VENV), just once: it takes a few minutes and about 2 GB."
	@rm -f $(READY)
	@$(RUN) -m pip --version >/dev/null 2>&1 \
		|| said=$$($(PYTHON) -m venv $(VENV) 2>&1) \
		|| { $(PYTHON) -m venv --clear --without-pip $(VENV) \
			&& $(PYTHON) -m pip --python $(RUN) install --quiet pip; } \
		|| { echo "$$said"; echo "Install what is missing, then run make again."; exit 1; }
	@options=$$($(RUN) tools/choose_torch.py); [ -z "$$options" ] \
		|| $(RUN) -m pip install --quiet --disable-pip-version-check $$options \
			$(if $(CONSTRAINTS),--constraint $(CONSTRAINTS)) torch \
		|| echo "That failed: taking the PyTorch that pip offers instead."
	@$(RUN) -m pip install --quiet --disable-pip-version-check \
		$(if $(CONSTRAINTS),--constraint $(CONSTRAINTS),--upgrade --upgrade-strategy eager) \
		--editable ".[test]"
	@$(RUN) -c "import matplotlib.font_manager" 2>/dev/null || true # lists the fonts, just once
	@echo "$(STATE)" >$(READY)
	@echo "The environment is ready."

# An extra of pyproject.toml, such as browser: $(VENV)/.extra-browser
$(VENV)/.extra-%: $(READY)
	@$(RUN) -m pip install --quiet --disable-pip-version-check \
		$(if $(CONSTRAINTS),--constraint $(CONSTRAINTS)) --editable ".[$*]"
	@touch $@

lab update doctor: $(READY)
	@$(RUN) -m unet_tutorial $@

test: $(READY)
	@echo "Running every test and notebook cell, which takes about three minutes on two cores."
	@$(RUN) -m pytest

test-notebooks: $(READY)
	@ORDINARY_KERNELS=1 $(RUN) -m pytest notebooks

test-browser: $(VENV)/.extra-browser $(VENV)/.extra-site
	@$(RUN) -m pytest -m "" --dist=loadgroup --maxprocesses=2 tests/browser \
		tests/classroom/quiz/test_qti.py

site: $(VENV)/.extra-site
	@$(RUN) tools/make_site.py

mutants: $(READY)
	@$(RUN) -m pytest -m mutants --dist=load tests/teaching/checks \
		tests/classroom/quiz

notebooks: $(READY)
	@OMP_NUM_THREADS=1 $(RUN) tools/run_notebooks.py $(ONLY)

figures: $(READY)
	@$(RUN) -m tools.figures

explorers: $(VENV)/.extra-browser
	@OMP_NUM_THREADS=1 $(RUN) tools/build_explorers.py $(ONLY)
	@$(RUN) tools/animate_explorer.py

checkpoint: $(READY)
	@$(RUN) tools/train_checkpoint.py

benchmark: $(READY)
	@$(RUN) tests/benchmarks/chapters.py --write

lint: $(READY)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

clean:
	rm -rf $(VENV)
