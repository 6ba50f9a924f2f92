import { execFileSync } from 'node:child_process'
import { chromium } from 'playwright-core'
import type { Browser, LaunchOptions } from 'playwright-core'

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
]

/** Starts Chromium. Its user data are in a new folder, which is removed with it. */
export function launchChromium({ args = [], ...options }: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), headless: true, args: [...ARGUMENTS, ...args], ...options })
}

/** The path at which `scripts/install-chromium.sh` found or installed it. */
function chromiumPath(): string {
  return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim()
}
