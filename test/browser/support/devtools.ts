import type { BrowserContext, Frame, Page } from 'playwright-core'
import { PAGE_PATH, PANEL_PATH } from '../../../src/devtools/protocol'
import { TARGET_NAME } from '../../e2e/support/targets'
import { until } from '../../support/until'

/** How the tests use a version of Nuxt DevTools, or the page that shows the sessions without DevTools. */
interface DevtoolsVersion {
  /** The path of our tab. */
  tab: string
  /** The path of our panel. */
  panel: string
  /** What the panel shows a browser at its own path that is not authorised. */
  unauthorised: string
  /** Our panel inside it. */
  frame: string | undefined
  /** The socket of its RPC: that of Vite, or its own. */
  rpc?: 'vite' | 'devframe'
  /** Whether it connects to the frame of a tab only after it has loaded itself. */
  connectsOnce: boolean
  /** Authorises a browser, without the question that DevTools asks. */
  authorise: (context: BrowserContext, token: string) => Promise<unknown>
  /** Waits until the browser's next page is refused. */
  refusal: (context: BrowserContext) => Promise<unknown>
  /** Opens another tab, which hides ours. */
  leave: (page: Page) => Promise<void>
  /** Opens our tab inside the app's page. */
  embed: (page: Page) => Promise<void>
}

const CLIENT = '/__nuxt_devtools__/client'
const FRAME = 'iframe[src*="__nuxt_session__"]'

const IN_DEVTOOLS = { panel: PANEL_PATH, unauthorised: 'Open this in Nuxt DevTools' }

const DEVTOOLS_3: DevtoolsVersion = {
  ...IN_DEVTOOLS,
  rpc: 'vite',
  tab: `${CLIENT}/modules/custom-sessions`,
  frame: FRAME,
  connectsOnce: false,
  authorise: (context, token) => context.addInitScript(token => localStorage.setItem('__nuxt_dev_token__', token), token),
  refusal: async (context) => {
    const page = await context.waitForEvent('page')
    await page.getByText('Permissions required').first().waitFor()
  },
  leave: page => page.locator('a[href*="/modules/"]:not([href*="sessions"])').first().click(),
  async embed(page) {
    await page.locator('.nuxt-devtools-nuxt-button').first().click()
    await (await frameOf(page, CLIENT)).goto(`${CLIENT}/modules/custom-sessions`)
  },
}

const DEVTOOLS_4: DevtoolsVersion = {
  ...IN_DEVTOOLS,
  rpc: 'devframe',
  tab: `${CLIENT}/#/modules/custom-sessions`,
  frame: FRAME,
  connectsOnce: true,
  authorise: (context, token) => context.addInitScript(token => localStorage.setItem('__DEVFRAME_CONNECTION_AUTH_TOKEN__', token), token),
  refusal: context => context.waitForEvent('console', message => message.text().includes('Not authorized')),
  leave: page => page.evaluate(() => void (location.hash = '#/modules/overview')),
  async embed(page) {
    const dock = page.locator('devframes-dock-embedded')
    // Small until the mouse is over it.
    await dock.locator('#devframes-dock').hover()
    await dock.getByRole('button', { name: 'Nuxt', exact: true }).click()
    await dock.getByRole('button', { name: 'Sessions', exact: true }).click()
  },
}

/** The page of an app without Nuxt. */
const PAGE: DevtoolsVersion = {
  tab: `${PAGE_PATH}/`,
  panel: PAGE_PATH,
  unauthorised: 'This page is not authorised',
  frame: undefined,
  connectsOnce: true,
  // Like the link in the terminal. A reload has no token in its URL.
  authorise: (context, token) => context.addInitScript((token) => {
    if (location.pathname.endsWith('/_sessions/') && sessionStorage.length === 0) history.replaceState(null, '', `#${token}`)
  }, token),
  refusal: async (context) => {
    const page = await context.waitForEvent('page')
    await page.getByText(PAGE.unauthorised).waitFor()
  },
  leave: async () => undefined,
  embed: async () => undefined,
}

/** Nuxt 5 comes with DevTools 4. */
const VERSIONS: Record<string, DevtoolsVersion> = { 'nuxt': DEVTOOLS_3, 'nuxt-devtools-4': DEVTOOLS_4, 'nuxt-5': DEVTOOLS_4 }

export const DEVTOOLS = VERSIONS[TARGET_NAME] ?? PAGE

/** Whether the sessions are at a page of the development server, without DevTools. */
export const IS_PAGE = DEVTOOLS === PAGE

/** Waits for a frame with a part of its URL. */
export async function frameOf(page: Page, part: string): Promise<Frame> {
  const find = () => page.frames().find(frame => frame.url().includes(part))
  await until(() => find() !== undefined)
  return find()!
}
