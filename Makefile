# Forwards to make.py, which needs no make.
PYTHON ?= python3

run test bench docs:
	$(PYTHON) make.py $@

.PHONY: run test bench docs
