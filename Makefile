PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin
# Tests start chartgen thousands of times: twice as long where Python must compile its modules each time.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo quick test check docs site release new-rule flagger-release e2e e2e-tools help
help: ## What can be made
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST)

demo: $(VENV)/installed ## The main job on a chart of fixtures/: add a canary, lint it, emit it
	rm -rf build/myapp && mkdir -p build && cp -R fixtures/charts/jenkins-x build/myapp
	$(RUN)/chartgen add-canary build/myapp --host myapp.example.com
	$(RUN)/chartgen lint build/myapp
	$(RUN)/chartgen emit build/myapp

quick: $(VENV)/installed-dev ## The inner loop: the tests that start no programs
	$(RUN)/python -m pytest -n 2 --dist worksteal -m 'not slow' --ignore=tests/e2e tests

test: $(VENV)/installed-dev ## All tests but those on a real control plane
	$(RUN)/python .ci/fetch_helm.py
	$(RUN)/python .ci/fetch_sarif_schema.py
	$(RUN)/python -m pytest -n 2 --dist worksteal --ignore=tests/e2e tests

check: $(VENV)/installed-dev ## Linters, types and dead code
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/python .ci/dead_code.py

docs: $(VENV)/installed-dev ## Write the generated pages and pictures
	$(RUN)/python -m tools.docs

release: $(VENV)/installed-dev ## Build sdist and wheel twice, compare, check and, with RELEASE_GPG_KEY, sign; uploads nothing
	$(RUN)/python .ci/release.py

site: $(VENV)/installed-docs ## Build the website of the docs in build/site; a broken link is an error
	NO_MKDOCS_2_WARNING=1 $(RUN)/python -m mkdocs build --strict --quiet

new-rule: $(VENV)/installed-dev ## Start a rule: make new-rule ID=step-weight-too-odd FAMILY=strategy
	@$(RUN)/python -m tools.new_rule '$(ID)' '$(FAMILY)'

flagger-release: $(VENV)/installed-dev ## Add a Flagger release's CRDs to the data: make flagger-release VERSION=1.45.0 [CRD=FILE]
	@$(RUN)/python -m tools.flagger_release '$(VERSION)' $(CRD)

e2e-tools: $(VENV)/installed-dev ## Build what the end-to-end tests run on (about 15 minutes once, then nothing)
	$(RUN)/python -m tests.e2e.tools

# Rollouts are played in real time: what a busy machine made late gets a second chance; what fails twice fails.
e2e: e2e-tools ## The end-to-end tests on a real API server with real Flagger (under 15 minutes)
	$(RUN)/python -m pytest tests/e2e || { [ $$? -eq 1 ] && $(RUN)/python -m pytest tests/e2e --last-failed; }

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$@ -m pip install --quiet --upgrade pip

$(VENV)/installed: $(VENV)/bin/python pyproject.toml
	$< -m pip install --quiet --editable '.[helm,cluster,dashboard]'
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(RUN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed-dev
	$(RUN)/python -m pip install --quiet --group docs
	@touch $@
