# `make run` serves the demo, `make dev` serves it for development, `make check` runs the quick checks, `make test` all.
PORT ?= 8000
python = .venv/bin/python

.PHONY: help run prepare dev check test lint lock vendor deb image bench bench-growth messages validate lighthouse observatory screenshots clean

help:  ## shows this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 20

run:  ## serves the demo on http://127.0.0.1:8000/ (PORT=8001 make run for another port)
	@deploy/prepare run
	@$(python) deploy/demo.py $(PORT)

prepare:  ## installs pytest, ruff and mypy; no server and no browser
	@deploy/prepare develop

dev:  ## serves the demo with DEBUG; web server and worker restart after each change
	@deploy/prepare develop
	@$(python) deploy/demo.py $(PORT) --reload

check:  ## runs the quick checks in under two minutes: style, types, and the tests that need no server or browser
	@deploy/prepare develop
	@deploy/check quick

test:  ## runs every check, on a private MariaDB and on SQLite
	@deploy/prepare test
	@deploy/check

lint:  ## formats the code and checks style and types
	@deploy/prepare develop
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/mypy .

lock:  ## pins requirements*.in with hashes in requirements*.txt
	@deploy/prepare develop
	$(python) -m pip install --quiet uv==0.13.9
	.venv/bin/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.txt
	.venv/bin/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -o requirements-dev.txt

messages:  ## collects texts to translate in locale/ and compiles the translations
	@deploy/prepare develop
	@deploy/messages

vendor:  ## downloads the third-party files of static/vendor again and compares them
	python3 deploy/vendor.py

deb:  ## builds the Debian package in dist/ from the last commit; needs Debian 12
	@deploy/debian/build

image:  ## builds the container images from the last commit; needs podman or docker
	@deploy/container/build

bench:  ## measures votes and pages beside Express, tally, roll, roster and hashing; needs Node.js
	@deploy/prepare test
	@deploy/bench/run

bench-growth:  ## measures what pages cost with 10,000, 100,000 and 1,000,000 people
	@deploy/prepare test
	@deploy/bench/run growth

validate:  ## checks the HTML of every page and email; needs Java
	@deploy/prepare test
	@deploy/validate

lighthouse:  ## measures six pages on a phone with Lighthouse; needs Node.js
	@deploy/prepare test
	@$(python) deploy/lighthouse.py

observatory:  ## runs MDN's HTTP Observatory on the site behind nginx; needs Node.js
	@deploy/prepare test
	@$(python) deploy/drills/observatory.py

screenshots:  ## takes the pictures of the README and the handbooks, and pictures of every page in every state in var/screenshots
	@deploy/prepare test
	@$(python) deploy/screenshots.py
	@DEBUG=true ENV_FILE=/dev/null $(python) -m pytest -q confbox/tests/browser/pictures.py
	@echo "Every page: var/screenshots/every/index.html"

clean:  ## deletes what these commands created, including the demo's data
	rm -rf .venv var .mypy_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
