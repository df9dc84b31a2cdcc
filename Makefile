# Everything a newcomer needs is here: `make help` lists it. Needs Python 3.11 or newer, and make.

.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first Python on the path that is new enough; `make PYTHON=…` takes another.
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c '$(NEW_ENOUGH)' 2>/dev/null && { echo $$p; break; }; done)

VENV ?= .venv
BIN := $(VENV)/bin
# Tests of one file stay with one worker, since they share regions and databases.
WORKERS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | \
		while IFS="$$(printf '\t')" read -r name what; do printf '  make %-16s %s\n' "$$name" "$$what"; done

.PHONY: demo
demo: $(VENV)/installed ## install, build a synthetic region and run its waves (in demo/)
	$(BIN)/minns demo --dir demo

.PHONY: test
test: check $(VENV)-wheel ## install what tests need, run every check and the whole test suite on the wheel
	PYTHONSAFEPATH=1 $(VENV)-wheel/bin/python -m pytest -n $(WORKERS) --dist loadfile

.PHONY: check
check: $(VENV)/installed-test ## linters, types and the import contract only
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: fix
fix: $(VENV)/installed-test ## let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench
bench: $(VENV)/installed-test bench-link bench-load bench-reconcile ## rows a second and peak memory of each stage; linking beside plain Splink
	$(BIN)/python -P tools/bench.py

.PHONY: bench-identity
bench-identity: $(VENV)/installed-test ## persons found, missed and laid over in three regions, before and after review
	$(BIN)/python -P tools/bench_identity.py

.PHONY: bench-facts
bench-facts: $(VENV)/installed-test ## how near the histories of three regions come to their truth, by kind
	$(BIN)/python -P tools/bench_facts.py

.PHONY: bench-link
bench-link: $(VENV)/installed-test ## what linking costs beside plain Splink
	$(BIN)/python -P tools/bench_link.py

.PHONY: bench-load
bench-load: $(VENV)/installed-test ## loading two million facts into PostgreSQL beside a bare COPY, and into SQLite
	$(BIN)/python -P tools/bench_load.py

.PHONY: bench-transform
bench-transform: $(VENV)/installed-test ## coding and consolidating 0.5, 5 and 20 million clinical rows under a memory limit
	$(BIN)/python -P tools/bench_transform.py

.PHONY: bench-fhir
bench-fhir: $(VENV)/installed-test ## a million observations as FHIR resources, each checked, in NDJSON
	$(BIN)/python -P tools/bench_fhir.py

.PHONY: bench-reconcile
bench-reconcile: $(VENV)/installed-test ## reconciling two million facts in PostgreSQL, every row by content
	$(BIN)/python -P tools/bench_reconcile.py

.PHONY: mutations
mutations: $(VENV)/installed-test ## 500 corruptions of a loaded record, each to be found and located; 20 clean runs without alarm
	$(BIN)/python -P tools/mutations.py

.PHONY: wheel
wheel: $(VENV)/installed-test ## build the wheel (in dist/)
	$(BIN)/python -m pip wheel --quiet --no-deps --no-build-isolation -w dist .

.PHONY: constraints
constraints: ## take the newest versions that pyproject.toml allows into constraints.txt
	rm -rf $(VENV)-newest
	$(PYTHON) -m venv $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --quiet hatchling
	$(VENV)-newest/bin/python -m pip install --quiet --no-build-isolation -e '.[test]'
	{ sed -n '/^#/p' constraints.txt; \
	  $(VENV)-newest/bin/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf $(VENV)-newest

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf $(VENV) $(VENV)-wheel demo bench dist build
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps make an installation happen once, and again when its inputs change.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "minns needs Python 3.11 or newer; none was found." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) hatchling
	$(PIP) --no-build-isolation -e .
	@touch $@

# The wheel in an environment of its own, as its users have it, made anew each time. What it depends
# on is lent by the other one: a folder named in a .pth file is searched, but .pth files in it are not
# read, so that the repository, which that one names, stays out of sight.
SITE := import sysconfig; print(sysconfig.get_path("purelib"))
.PHONY: $(VENV)-wheel
$(VENV)-wheel: $(VENV)/installed-test
	rm -rf $@
	$(BIN)/python -m venv --without-pip --symlinks $@
	$(BIN)/python -m hatchling build -t wheel -d $@/dist >/dev/null
	$(BIN)/python -m pip --python $@/bin/python install --quiet --disable-pip-version-check \
		--no-index --no-deps $@/dist/*.whl
	$(BIN)/python -c '$(SITE)' > "$$($@/bin/python -c '$(SITE)')/lent.pth"

$(VENV)/installed-test: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) hatchling
	$(PIP) --no-build-isolation -e '.[test]'
	@touch $@ $(VENV)/installed
