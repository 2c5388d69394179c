# R-CNN by hand. Every target makes the environment first and needs nothing else before it.
PYTHON ?= python3
LAB ?= lab1_boxes
# more words for JupyterLab, for example LAB_OPTIONS="--no-browser --port 8899"
LAB_OPTIONS ?=

# nbgrader calls `alembic` and `jupyter` by name, so the environment comes first on the path of every recipe.
IN_VENV = PATH="$(CURDIR)/.venv/bin:$$PATH"
NEEDS = rcnn-by-hand needs Python 3.11 or newer

.PHONY: help .venv demo test test-exhaustive lab instructor release check bench

help: ## list the targets
	@sed -n 's/^\([a-z.-]*\):.*## /  make \1	/p' Makefile | expand -t 24

.venv: .venv/installed ## make the environment in .venv, or bring it up to date

# The stamp is written last, so an install that was cut short starts again and one that is up to date is left alone.
.venv/installed: pyproject.toml constraints.txt
	@command -v git >/dev/null || { echo "rcnn-by-hand needs git: install it and run make again" >&2; exit 1; }
	@if .venv/bin/python -m pip --version >/dev/null 2>&1; then exit 0; fi; \
	version=$$($(PYTHON) -c 'import platform; print(platform.python_version())' 2>/dev/null) || version=; \
	advice="install it, or run make PYTHON=python3.12"; \
	case "$$version" in \
	    3.1[1-9].*|3.[2-9][0-9].*|[4-9].*) ;; \
	    "") echo "$(NEEDS); $(PYTHON) does not run: $$advice" >&2; exit 1 ;; \
	    *) echo "$(NEEDS); $(PYTHON) is $$version: $$advice" >&2; exit 1 ;; \
	esac; \
	$(PYTHON) -m venv --clear .venv
	@echo "Installing into .venv: a few minutes the first time (torch is large)."
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@.venv/bin/python -c 'import sys; sys.excepthook = lambda kind, error, trace: print(error, file=sys.stderr); \
	from course import setup; setup.check_versions()'
	@touch .venv/installed

demo: .venv/installed ## grade a class of made-up students: build/demo
	@$(IN_VENV) python -m autograder demo --lab $(LAB) --out build/demo

# as many processes as there are cores, four at the most (each may need 2 GiB), of one thread each: threads that wait
# for each other on busy cores take several times as long; a file's tests share what they set up. xdist would begin with
# the files of many tests; tests/conftest.py knows the long ones
PYTEST = $(IN_VENV) OMP_NUM_THREADS=1 python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile \
	--no-loadscope-reorder

test: .venv/installed ## prove every promise once
	@$(PYTEST)

test-exhaustive: .venv/installed ## what only repeats a promise over more data
	@$(PYTEST) -m exhaustive

lab: .venv/installed ## open JupyterLab on a fresh student copy in build/student; an older one is kept beside it
	@mkdir -p build
	@if [ -d build/student ]; then mv build/student "build/student-$$(date +%Y%m%d-%H%M%S)"; fi
	@cp -R release build/student
	@cd build/student && $(IN_VENV) jupyter lab $(LAB_OPTIONS)

instructor: .venv/installed ## open JupyterLab with nbgrader's formgrader
	@$(IN_VENV) jupyter lab $(LAB_OPTIONS)

release: .venv/installed ## rebuild release/ and write dist/: the wheel and one zip for students
	@$(IN_VENV) python -m autograder release

check: .venv/installed ## format, lint, types, import contracts, text and notebook and release in step
	@$(IN_VENV) ruff format --check --quiet
	@$(IN_VENV) ruff check --quiet
	@$(IN_VENV) mypy
	@$(IN_VENV) lint-imports --no-logo
	@$(IN_VENV) python -m autograder check

bench: .venv/installed ## run every script in benchmarks/
	@set -e; for script in benchmarks/*.py; do \
	    echo "== $$script"; $(IN_VENV) python "$$script"; \
	done
