#!/usr/bin/env bash
# Installs what the tests of stores and of docs/ need, if it is missing: Redis, PostgreSQL, MariaDB, and openssl for a certificate.
set -euo pipefail
cd "$(dirname "$0")"
bash install-redis.sh
bash install-debian.sh postgres postgresql
bash install-debian.sh mariadbd mariadb-server
bash install-debian.sh openssl
