import { execFileSync } from 'node:child_process'
import type { LaunchOptions } from 'playwright-core'

/** The Chromium that `scripts/install-chromium.sh` found or installed, for root in a container. */
export const launchOptions: LaunchOptions = {
  executablePath: execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim(),
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
}
