#!/usr/bin/env bash
# Installs Chromium for the browser tests where it is missing.
set -euo pipefail
cd "$(dirname "$0")"
bash install-debian.sh chromium
# For a certificate that Chromium trusts.
bash install-debian.sh openssl
bash install-debian.sh certutil libnss3-tools
