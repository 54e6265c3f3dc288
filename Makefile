# Thin: each target is one tool. `make help` lists them.
PYTHON_RUN = sh tools/python.sh

.DEFAULT_GOAL := help
.PHONY: help demo test soak lint docs bench wheel wheels release format clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

demo: ## set up, build, and share a photograph between libraries without copying it
	@$(PYTHON_RUN) tools/demo.py

test: ## set up, build and test on every CPython found (PYTHONS=3.12 one of them; ARGS="-k name" for pytest)
	@PYTHONS="$(PYTHONS)" ARGS="$(ARGS)" $(PYTHON_RUN) tools/run_tests.py

soak: ## the long tests of docs/guarantees.md (PARTS=fuzzing,leaks some of them)
	@PARTS="$(PARTS)" $(PYTHON_RUN) tools/soak.py

lint: ## format, style, types, and the stubs against the compiled module
	@$(PYTHON_RUN) tools/lint.py

docs: ## the documentation as a site in build/site
	@$(PYTHON_RUN) tools/docs.py

format: ## rewrite Swift and Python sources in the project's style
	@$(PYTHON_RUN) tools/lint.py --fix

bench: ## this project beside others, as ratios (QUICK=1 a short run, ONLY=everyday, UPDATE=1 writes the report)
	@QUICK="$(QUICK)" ONLY="$(ONLY)" JSON="$(JSON)" UPDATE="$(UPDATE)" PYTHONS="$(PYTHONS)" $(PYTHON_RUN) tools/bench.py

wheel: ## a wheel in dist/ with the platform tag that auditwheel finds
	@$(PYTHON_RUN) tools/wheels.py

wheels: ## one in dist/ for every supported CPython that is found, each tried where there is no Swift (PYTHONS=3.12)
	@PYTHONS="$(PYTHONS)" UPDATE="$(UPDATE)" $(PYTHON_RUN) tools/wheels.py all

release: ## sdist, wheels with SBOMs and checksums in dist/, from a clean checkout (VERSION=0.2.0)
	@PYTHONS="$(PYTHONS)" $(PYTHON_RUN) tools/release.py $(VERSION)

clean: ## remove what was built (environments too)
	rm -rf build dist .build .envs python/*.egg-info
	find python -name '*.so' -delete
