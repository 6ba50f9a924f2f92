#!/usr/bin/env bash
# Installs the servers of the store's tests where they are missing: Redis, PostgreSQL and MariaDB.
set -euo pipefail
cd "$(dirname "$0")"
bash install-redis.sh
bash install-debian.sh postgres postgresql
bash install-debian.sh mariadbd mariadb-server
