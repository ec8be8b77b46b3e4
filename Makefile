# Everything happens inside this folder (.venv, .demo) except system packages, which come through apt.
#   make demo   scan examples/storefront (FAIL) and its fixed twin (PASS)
#   make test   run all tests, the real engines and services included
#   make lint   ruff, mypy, import-linter, and what else must hold
.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs picture bench fuzz rig requirements clean

PYTHON ?= python3
BIN := .venv/bin
export SCANGATE_HOME := $(CURDIR)/.demo/home

DEMO_PACKAGES := nmap redis-tools
TEST_PACKAGES := $(DEMO_PACKAGES) buildah chromium db5.3-util docker-registry iproute2 nftables rpm skopeo strace umoci

help:
	@sed -n 's/^#   //p' Makefile

demo: .venv/.installed .demo/engines.installed
	@.ci/packages $(DEMO_PACKAGES)
	@$(BIN)/python examples/demo.py

test: .venv/.installed .demo/engines.installed
	@.ci/packages $(TEST_PACKAGES)
	$(BIN)/pytest -n auto

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

format: .venv/.installed
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: .venv/.installed
	$(BIN)/python docs/generate.py

# The picture in the README, from what the last `make demo` found.
picture: demo
	$(BIN)/python docs/picture.py

bench: .venv/.installed .demo/engines.installed
	@.ci/packages $(TEST_PACKAGES) mmdebstrap
	$(BIN)/python benchmarks/run.py

# The environment is made afresh by pip only when a pin or the project's metadata changed.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.venv/.installed: requirements/build.txt requirements/base.txt requirements/dev.txt pyproject.toml
	@.ci/packages --python $(PYTHON)
	@echo "Installing Python packages into .venv (pinned, with hashes); the first time takes about a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements/build.txt
	@$(PIP) --require-hashes --no-build-isolation --use-pep517 -r requirements/base.txt -r requirements/dev.txt
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

.demo/engines.installed: requirements/checkov.txt requirements/ssh-audit.txt src/scangate/engines/state.py .venv/.installed
	@echo "Installing the engines checkov and ssh-audit into .demo/home (pinned, with hashes, about 300 MB); the first time takes minutes."
	@$(BIN)/scangate engines install checkov ssh-audit
	@touch $@

# Every parser against 20,000 mutated inputs; `make test` tries some hundred of the same.
fuzz: .venv/.installed
	$(BIN)/python tests/fuzz/run.py

# Real servers from Debian, weak and hardened, scanned by everything: needs root, and installs about 280 MB.
RIG_PACKAGES := apache2-bin bind9 dovecot-imapd dovecot-pop3d etcd-server inetutils-telnetd mariadb-server memcached \
  nginx-light openssh-server postfix postgresql procps redis-server slapd snmpd tftpd-hpa tinyproxy-bin util-linux vsftpd xvfb
rig: .venv/.installed .demo/engines.installed
	@.ci/packages $(TEST_PACKAGES) $(RIG_PACKAGES)
	SCANGATE_RIG=1 $(BIN)/pytest tests/scanners/test_rig.py tests/scanners/access tests/scanners/web tests/scanners/tls \
	  tests/scanners/ssh_audit tests/scanners/databases

# Pins are made anew from the *.in files; nothing else writes requirements/*.txt.
requirements:
	@test -x .demo/uv/bin/uv || { $(PYTHON) -m venv .demo/uv && .demo/uv/bin/pip install --quiet uv; }
	cd requirements && for each in base dev checkov ssh-audit build; do \
	  ../.demo/uv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --no-header --python-version 3.11 $$each.in -o $$each.txt || exit 1; done

clean:
	rm -rf .venv .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
