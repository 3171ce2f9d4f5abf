# Loket's commands; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PORT ?= 8000
STAGE ?= dev
# Loket runs on the Python that Lambda gives it: 3.13, and no other.
PYTHON ?= $(shell for p in python3.13 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null && { command -v $$p; break; }; done)

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: .venv/ready .venv-emulator/ready ## run everything on this machine, with a demo association (PORT=8000; EMPTY=yes: without it)
	@exec .venv/bin/python -m devstack --port $(PORT) $(if $(filter yes,$(EMPTY)),--empty)

test: check .venv-emulator/ready .venv-checks/ready elsewhere ## run all tests
	.venv/bin/python -m pytest -n 2

check: .venv/ready ## style, types, import contracts
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-cache

package: .venv/ready ## make the Lambda zip and its CloudFormation template (STAGE=dev)
	.venv/bin/python -m infra.package --stage $(STAGE) --out build/$(STAGE)

# A stage that is named is on AWS; without one it is the desk that make run runs.
WHERE = $(if $(filter file,$(origin STAGE)),devstack.command --port $(PORT),infra.command --stage $(STAGE))
import-members: .venv/ready ## existing members from a CSV (FILE=members.csv; a dry run unless APPLY=yes; STAGE=prod)
	@test -n "$(FILE)" || { echo "Which file? make import-members FILE=members.csv"; exit 1; }
	@.venv/bin/python -m $(WHERE) chalicelib.entrypoints.import_members "$(FILE)" $(if $(filter yes,$(APPLY)),--apply)

import-subscribers: .venv/ready ## existing readers from a CSV or XLSX (FILE=readers.csv PROOF="…" DAY=31-12-2025; a dry run unless APPLY=yes; STAGE=prod)
	@test -n "$(FILE)" || { echo "Which file? make import-subscribers FILE=readers.csv"; exit 1; }
	@.venv/bin/python -m $(WHERE) chalicelib.entrypoints.import_subscribers "$(FILE)" $(if $(PROOF),--proof "$(PROOF)") $(if $(DAY),--proof-date "$(DAY)") $(if $(filter yes,$(APPLY)),--apply)

moved: .venv/ready ## move an event to where its seed says, and tell who comes (OFFER=congres-2027; a dry run unless APPLY=yes; STAGE=prod)
	@test -n "$(OFFER)" || { echo "Which event? make moved OFFER=congres-2027"; exit 1; }
	@.venv/bin/python -m $(WHERE) chalicelib.entrypoints.moved "$(OFFER)" $(if $(filter yes,$(APPLY)),--apply)

newsletter: .venv/ready ## an issue of the newsletter (FILE=issue.md; a dry run unless APPLY=yes; SEND=now or "2026-12-01 09:00"; STAGE=prod)
	@test -n "$(FILE)" || { echo "Which file? make newsletter FILE=issue.md"; exit 1; }
	@.venv/bin/python -m $(WHERE) chalicelib.entrypoints.newsletter "$(FILE)" $(if $(filter yes,$(APPLY)),--apply) $(if $(SEND),--send "$(SEND)")

DEAD = $(if $(filter-out no,$(REDRIVE)),--redrive $(filter-out yes,$(REDRIVE))) $(if $(DROP),--drop "$(DROP)")
dead-letters: .venv/ready ## messages that a worker kept failing at (REDRIVE=yes, REDRIVE=<id> or DROP=<id>; STAGE=prod)
	@.venv/bin/python -m $(WHERE) chalicelib.entrypoints.dead_letters $(DEAD)

reconcile: .venv/ready ## compare everything with Stripe (WINDOW=hour, two_days or all; GO_ON=yes; STAGE=prod)
	@.venv/bin/python -m $(WHERE) chalicelib.entrypoints.reconcile $(if $(WINDOW),--window $(WINDOW)) $(if $(filter yes,$(GO_ON)),--go-on)

states: .venv/ready ## draw the states of an order for the docs, from the table itself
	@.venv/bin/python -m devstack.states

MINUTES ?= 85
torture: .venv/ready .venv-emulator/ready ## an order is always right: every proof, in full; goes on where it stopped (MINUTES=85, ANEW=yes)
	@.venv/bin/python -m tests.torture run --minutes $(MINUTES) $(if $(filter yes,$(ANEW)),--anew)

chromium: .venv/ready
	@.venv/bin/python -m tests.browser.chromium

# After chromium, not beside it: there is one apt-get.
elsewhere: chromium
	@.venv/bin/python -m tests.elsewhere.installation

bench-embed: chromium .venv-emulator/ready ## what an embedded form weighs, beside those of peers
	@.venv/bin/python -m bench.embed

bench-mail: .venv/ready ## how fast an issue of the newsletter goes, and what that costs (READERS=20000)
	@.venv/bin/python -m bench.mail $(if $(READERS),--readers $(READERS))

bench-rush: .venv/ready .venv-emulator/ready ## a rush that Stripe cannot keep up with: who waits how long (ADMITTED=20)
	@ADMITTED=$(ADMITTED) .venv/bin/python -m bench.rush

cost: .venv/ready ## what a month costs at AWS, counted from the real code (ORDERS=475, RATE=0.90 euros for a dollar)
	@.venv/bin/python -m bench.cost $(if $(ORDERS),--orders $(ORDERS)) $(if $(RATE),--rate $(RATE))

lighthouse: chromium .venv-emulator/ready ## what Lighthouse says of the form pages (URL=… of a desk that runs)
	@.venv/bin/python -m bench.lighthouse $(if $(URL),--url "$(URL)")

NAMED = $(if $(filter file,$(origin STAGE)),$(error Which stage? Add STAGE=prod or STAGE=dev),--stage $(STAGE))
setup: .venv/ready ## prepare your own AWS account: settings, secrets, Stripe, SES (STAGE=prod; ANSWERS=file.json instead of questions)
	@.venv/bin/python -m infra.setup $(NAMED) $(if $(ANSWERS),--answers "$(ANSWERS)")

deploy: .venv/ready ## put this version there, try it out, go back when it fails (STAGE=prod; YES=yes: do not ask)
	@.venv/bin/python -m infra.deploy $(NAMED) $(if $(filter yes,$(YES)),--yes)

doctor: .venv/ready ## look at all of it, with a remedy for whatever is red (STAGE=prod)
	@.venv/bin/python -m infra.doctor $(NAMED)

rotate: .venv/ready ## another secret in the place of one (STAGE=prod SECRET=STRIPE_SECRET_KEY or STRIPE_WEBHOOK_SECRET)
	@.venv/bin/python -m infra.rotate $(NAMED) $(SECRET)

export: .venv/ready ## every row, as JSON and CSV (STAGE=prod OUT=folder)
	@.venv/bin/python -m infra.export $(NAMED) --out "$(or $(OUT),$(error Where to? Add OUT=folder))"

destroy: .venv/ready ## take the stage away; its data stays (STAGE=dev; DATA=yes: that too, asked twice)
	@.venv/bin/python -m infra.destroy $(NAMED) $(if $(filter yes,$(DATA)),--data)

rehearse: .venv/ready .venv-emulator/ready .venv-checks/ready ## deploy, use, update and take away a desk, all of it on this machine
	@.venv/bin/python -m pytest -v -s tests/rehearsal

install: .venv/ready .venv-emulator/ready .venv-checks/ready ## install what run and test need

clean: ## throw away what was installed and built
	rm -rf .venv .venv-emulator .venv-checks build tests/elsewhere/node_modules bench/lighthouse/node_modules

.venv/ready: requirements.txt requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Loket needs Python 3.13 (python3.13 on the PATH, or PYTHON=/path/to/python3.13)."; exit 1; }
	@echo "Installing Loket's libraries in .venv (once) …"
	@$(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv-emulator/ready: requirements-emulator.txt
	@test -n "$(PYTHON)" || { echo "Loket needs Python 3.13 (python3.13 on the PATH, or PYTHON=/path/to/python3.13)."; exit 1; }
	@echo "Installing the emulator of AWS in .venv-emulator (once) …"
	@$(PYTHON) -m venv --clear .venv-emulator
	@.venv-emulator/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-emulator.txt
	@touch $@

.venv-checks/ready: requirements-checks.txt
	@test -n "$(PYTHON)" || { echo "Loket needs Python 3.13 (python3.13 on the PATH, or PYTHON=/path/to/python3.13)."; exit 1; }
	@echo "Installing what looks at the template in .venv-checks (once) …"
	@$(PYTHON) -m venv --clear .venv-checks
	@.venv-checks/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-checks.txt
	@touch $@

.PHONY: help run test check torture package import-members import-subscribers moved newsletter reconcile states dead-letters chromium elsewhere bench-embed bench-mail bench-rush lighthouse setup deploy doctor rotate export destroy rehearse install clean cost
