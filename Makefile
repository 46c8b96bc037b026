# 沃土. `make demo` brings up a demonstration zone, `make test` runs every test; both can simply be run again.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PORT ?= 8000
SIZE ?= small
VENV := .venv
PYTHON := $(VENV)/bin/python
WOTU := $(VENV)/bin/wotu
export PORT

.PHONY: help install spark demo test bench bench-screen lint fmt lock clean assets

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

$(VENV)/.ready: requirements.lock pyproject.toml
	@PY=""; for p in python3.13 python3.12 python3.11 python3 python; do \
	  if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then PY=$$p; break; fi; done; \
	if [ -z "$$PY" ]; then echo "需要 Python 3.11 或更新版本：请先安装，再运行一次 make。" >&2; exit 1; fi; \
	$$PY -c 'import venv, ensurepip' 2>/dev/null || { echo "$$PY 缺少 venv：在 Debian/Ubuntu 上请先 apt-get install python3-venv，再运行一次 make。" >&2; exit 1; }; \
	[ -x $(PYTHON) ] || $$PY -m venv $(VENV); \
	echo "安装依赖（首次几分钟，多为下载）……"; \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock \
	  || { echo "依赖没有装全：请检查网络或 pip 源，再运行一次 make；已下载的不会重来。" >&2; exit 1; }; \
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e . || exit 1; \
	touch $@

$(VENV)/.compiled: $(VENV)/.ready $(wildcard wotu/rulebook/columnar/*.py)
	@$(PYTHON) -m wotu.rulebook.columnar || echo "机器码没有编译成，首次筛查时再编译。" >&2; touch $@

install: $(VENV)/.ready $(VENV)/.compiled  ## make .venv with everything
	@$(WOTU) assets

assets: install  ## bring the front-end files through npm

spark: install  ## PySpark as well (large; needs Java), for screening beyond one machine
	@$(PYTHON) -c 'import pyspark.sql' 2>/dev/null || { echo "安装 PySpark（约 400 MB）……"; \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps -r requirements-spark.lock \
	  || { echo "PySpark 没有装上：请检查网络或 pip 源，再运行一次 make spark。" >&2; exit 1; }; }

demo: install  ## bring up the demonstration zone and serve it (PORT=8000, SIZE=small|zone|city)
	@$(WOTU) demo --size $(SIZE)
	@$(WOTU) serve --port $(PORT)

test: install  ## every test (WOTU_TEST_REQUIRE=all makes a skipped browser, PostgreSQL or Spark test a failure)
	@$(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder

bench: install  ## one table of measured ratios to peers
	@$(PYTHON) -m bench

bench-screen: install  ## screening against tuned polars, DuckDB, zen and the interpreter, all sizes; JSON in var/
	@mkdir -p var && $(PYTHON) -m bench screening whatif --full --json var/bench-screen.json

lint: install  ## style, types, import contract
	@$(VENV)/bin/ruff check . && $(VENV)/bin/ruff format --check . && $(VENV)/bin/mypy wotu && $(VENV)/bin/lint-imports

fmt: install  ## put the code in the house format
	@$(VENV)/bin/ruff check --fix . ; $(VENV)/bin/ruff format .

lock: install  ## resolve the dependencies again, with hashes, for all platforms
	@$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header --extra dev --extra postgres --extra bench pyproject.toml -o requirements.lock
	@$(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header --extra dev --extra postgres --extra bench --extra spark -c requirements.lock \
	  pyproject.toml -o .spark.lock
	@awk 'NR == FNR { if ($$1 ~ /==/) have[$$1] = 1; next } /^[^ ]/ { keep = !($$1 in have) } keep' requirements.lock .spark.lock \
	  > requirements-spark.lock; rm -f .spark.lock

clean:  ## remove what was made (the zone's data in var/ stays; remove it by hand)
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
	  wotu/site/static/vendor
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
