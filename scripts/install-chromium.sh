#!/usr/bin/env bash
# Installs Chromium for the browser tests where it is missing: from Debian's packages, as root.
set -euo pipefail

if command -v chromium >/dev/null 2>&1; then
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
  echo "The browser tests need Chromium, and it cannot be installed here by this script." >&2
  echo "Install it so that the command 'chromium' is found, for example: sudo apt-get install -y chromium" >&2
  exit 1
fi

echo "Installing Chromium from Debian's packages for the browser tests."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq chromium >/dev/null
