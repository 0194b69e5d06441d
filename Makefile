.DEFAULT_GOAL := help
SHELL := /bin/sh

BIN := .venv/bin
PORT ?= 3000

.PHONY: help setup setup-spark spark-up spark-down demo test test-slow test-spark test-spark-small test-browser screenshots dev report model lint hooks format snapshots bench bench-spark bench-quick data-docs

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Make the virtual environment from the pinned lock
	@.ci/setup

setup-spark: setup ## Install what the second engine, Apache Spark, needs too
	@.ci/setup-spark

spark-up: setup-spark ## Start a small Spark cluster on this machine (docs/spark.md)
	@$(BIN)/python -m orchestration.platform.spark.cluster up $(DATA)

spark-down: ## End that cluster; its tables stay
	@$(BIN)/python -m orchestration.platform.spark.cluster down

ifdef TARGET
demo: export SAAS_TRACKER_TARGET := $(TARGET)
demo: DATA := small
endif
demo: $(if $(filter spark,$(TARGET)),spark-up,setup) ## Generate a small data set, build everything, show the headline numbers (TARGET=spark)
	@$(BIN)/saas-tracker demo run

test: setup ## Run the test suite
	$(BIN)/pytest -m "not slow" -n auto --dist loadfile --no-loadscope-reorder

test-slow: setup ## Run the slow tests too
	$(BIN)/pytest -m "not spark" -n auto --dist loadfile --no-loadscope-reorder

test-spark: setup-spark ## Build on Spark and compare every mart with DuckDB's
	$(BIN)/pytest -m spark

test-spark-small: setup-spark ## Some of it in minutes: models that keep history, in two states
	$(BIN)/pytest tests/test_spark_small.py -k late_file

test-browser: setup ## Try the Dagster UI in Chromium (apt install chromium, or CHROMIUM=/path)
	$(BIN)/pytest -rs -m browser

screenshots: setup ## Take the pictures of docs/screenshots again (needs Chromium; pngquant if there)
	UPDATE_SCREENSHOTS=1 $(BIN)/pytest -rs -m browser
	@! command -v pngquant >/dev/null || pngquant --force --skip-if-larger --ext .png docs/screenshots/*.png

dev: setup ## Open the Dagster UI on 127.0.0.1 (PORT=3000)
	@DAGSTER_HOME="$$($(BIN)/python -m orchestration.platform.instance)"; export DAGSTER_HOME; cd "$$DAGSTER_HOME"; \
	PYTHONWARNINGS='ignore:Function `dev_command` is superseded' \
	exec "$(CURDIR)/$(BIN)/dagster" dev -w "$(CURDIR)/workspace.yaml" --host 127.0.0.1 --port $(PORT)

report: setup ## Write the companies' pages and open them in the browser
	@$(BIN)/saas-tracker report --open

model: setup ## Build one model beside the warehouse and show its rows: make model NAME=mrr_trend
	@$(BIN)/saas-tracker model "$(NAME)"

lint: setup ## Check style and types of Python, and the style of SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

hooks: setup ## Let git run the same checks on the files of each commit
	$(BIN)/pre-commit install

format: setup ## Correct what the linters can correct
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix dbt_project/models dbt_project/tests

snapshots: setup ## Accept the asset graph and the joins of marts as they are now
	UPDATE_SNAPSHOTS=1 $(BIN)/pytest -q tests/test_definitions.py tests/test_bi.py

data-docs: setup ## Open what Great Expectations found in the last runs
	@$(BIN)/python -m orchestration.quality.open_docs

bench: setup ## Measure every stage against the machine's own limit (docs/benchmarks.md)
	@failed=0; for program in "benchmarks run" "benchmarks.revenue --models" benchmarks.revenue_size \
		benchmarks.calls benchmarks.call_growth; do \
		$(BIN)/python -m $$program || failed=1; done; exit $$failed

bench-spark: setup-spark ## Measure builds on Spark beside DuckDB, with one and two workers (hours)
	$(BIN)/python -m benchmarks.spark

bench-quick: setup ## Compare three ratios with the recorded ones (two minutes)
	$(BIN)/python -m benchmarks quick
