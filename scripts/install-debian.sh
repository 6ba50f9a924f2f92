#!/usr/bin/env bash
# Installs what the tests need from Debian's packages, as root, where the command is missing.
# Usage: install-debian.sh COMMAND [PACKAGE], where the package has another name: mariadbd mariadb-server.
set -euo pipefail

name=$1
package=${2:-$name}
# Debian keeps PostgreSQL's commands by version, and servers where only root looks.
PATH="$PATH:/usr/sbin:$(printf '%s:' /usr/lib/postgresql/*/bin)"

if command -v "$name" >/dev/null 2>&1; then
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
  echo "The tests need $name, and it cannot be installed here by this script." >&2
  echo "Install it so that the command '$name' is found, for example: sudo apt-get install -y $package" >&2
  exit 1
fi

echo "Installing $package from Debian's packages for the tests."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# The run level keeps a server from being started: the tests start their own.
RUNLEVEL=1 apt-get install -y -qq "$package" >/dev/null
