#!/usr/bin/env bash
# Installs redis-server for the store's tests where it is missing.
set -euo pipefail
exec bash "$(dirname "$0")/install-debian.sh" redis-server
