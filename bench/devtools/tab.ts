import type { Browser, FrameLocator, Page } from 'playwright-core'
import { launchChromium } from '../../test/browser/support/launch.ts'
import { yieldCores } from './cores.ts'
import type { DevServer } from './dev-server.ts'

const CLIENT = '/__nuxt_devtools__/client/modules/'
const TIMEOUT_MS = 60_000

/** `hidden`: another tab of DevTools is shown. DevTools keeps the panel in its page. */
export type TabState = 'closed' | 'hidden' | 'open'

/**
 * Chromium with the tab "Sessions" of DevTools, not on the server's core, and only while nothing else wants the other one:
 * requests would else wait for its painting, and not for the app.
 */
export class Tab {
  static async launch({ url, devToken }: DevServer): Promise<Tab> {
    const browser = await launchChromium()
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 } })
    context.setDefaultTimeout(TIMEOUT_MS)
    await context.addInitScript((token) => {
      localStorage.setItem('nuxt-devtools-first-visit', 'false')
      localStorage.setItem('__nuxt_dev_token__', token)
    }, devToken)
    return new Tab(browser, await context.newPage())
  }

  readonly #browser: Browser
  readonly #page: Page
  readonly #panel: FrameLocator
  #state: TabState = 'closed'

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser
    this.#page = page
    this.#panel = page.frameLocator('iframe[src*="__nuxt_session__"]')
  }

  /** Opens, hides or closes it. */
  async become(state: TabState): Promise<void> {
    if (state === this.#state) return
    if (state === 'closed') await this.#page.goto('about:blank')
    else if (this.#state === 'hidden') await this.#page.goBack()
    else if (this.#state === 'closed') await this.#page.goto(`${CLIENT}custom-sessions`)
    if (state !== 'closed') await this.#panel.getByRole('option').first().waitFor()
    if (state === 'hidden') await this.#leave()
    await this.#yieldCores()
    this.#state = state
  }

  stop(): Promise<void> {
    return this.#browser.close()
  }

  /** DevTools may have begun processes. */
  async #yieldCores(): Promise<void> {
    const session = await this.#browser.newBrowserCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    await session.detach()
    for (const { id } of processInfo) yieldCores(id)
  }

  async #leave(): Promise<void> {
    await this.#page.locator('a[href*="/modules/imports"]').first().click()
    await this.#panel.locator('body').waitFor({ state: 'hidden' })
  }
}
