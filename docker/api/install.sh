#!/bin/sh
# Installs what a requirements file asks for into /opt/venv; a file that asks for nothing needs no pip.
# Build secrets, both optional: `ca`, a bundle for machines behind a TLS proxy; `pip`, a pip.conf for another registry.
set -eu
grep -q '^[[:space:]]*[^#[:space:]]' "$1" || exit 0
if [ -f /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi
if [ -f /run/secrets/pip ]; then export PIP_CONFIG_FILE=/run/secrets/pip; fi
# Compiled later, all at once: pip's own .pyc files name the second they were made in.
exec python3 -m pip --python /opt/venv/bin/python install \
  --no-compile --disable-pip-version-check --root-user-action=ignore -r "$1"
