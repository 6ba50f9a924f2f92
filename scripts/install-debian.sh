#!/usr/bin/env bash
# Installs what the tests need from Debian's packages, as root, where the command is missing.
# Usage: install-debian.sh COMMAND, where the package has the same name: chromium, redis-server.
set -euo pipefail

name=$1

if command -v "$name" >/dev/null 2>&1; then
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
  echo "The tests need $name, and it cannot be installed here by this script." >&2
  echo "Install it so that the command '$name' is found, for example: sudo apt-get install -y $name" >&2
  exit 1
fi

echo "Installing $name from Debian's packages for the tests."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# The run level keeps a server from being started: the tests start their own.
RUNLEVEL=1 apt-get install -y -qq "$name" >/dev/null
