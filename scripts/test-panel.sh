#!/usr/bin/env bash
# npm run test:panel [-- TARGET…]: the tests of the DevTools panel in Chromium, on every target that shows it.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install-chromium.sh
vite build client --logLevel warn

targets=("$@")
[ $# -gt 0 ] || targets=(nuxt nuxt-devtools-4 nuxt-5 nitro nitro-3 h3-2)
failed=()
for target in "${targets[@]}"; do
  echo "=== $target"
  TEST_TARGET=$target vitest run --project browser test/browser/{panel,store,stories,attacks,devtools-4,page}.test.ts || failed+=("$target")
done
[ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}"; exit 1; }
