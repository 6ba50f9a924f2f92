import { chromium } from 'playwright-core'
import type { BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { freePort } from '../../support/ports'
import { launchChromium } from './launch'

const TIMEOUT = 10_000

/**
 * A browser for a test, in which only the tab in front is visible, as for a user. Playwright's other pages are visible
 * all the time. `bringToFront()` of another page hides a page.
 */
export async function openTabStrip(): Promise<BrowserContext> {
  const port = await freePort()
  const browser = await launchChromium({ args: [`--remote-debugging-port=${port}`] })
  onTestFinished(() => browser.close())
  const connected = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true, timeout: TIMEOUT })
  const [context] = connected.contexts()
  context!.setDefaultTimeout(TIMEOUT)
  return context!
}

/** Polls are needed: `waitForFunction` waits for frames, and a hidden page has none. */
export function isHidden(page: Page): Promise<boolean> {
  return page.evaluate(() => document.hidden)
}
