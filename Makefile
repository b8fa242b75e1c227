PYTHON ?= python3

.PHONY: e2e-tools
e2e-tools: ## Build what the end-to-end tests run on (about 15 minutes once, then nothing)
	$(PYTHON) -m tests.e2e.tools
