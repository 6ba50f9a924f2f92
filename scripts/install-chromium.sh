#!/usr/bin/env bash
# Installs Chromium for the browser tests where it is missing.
set -euo pipefail
exec bash "$(dirname "$0")/install-debian.sh" chromium
