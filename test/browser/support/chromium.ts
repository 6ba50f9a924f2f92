import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { suiteDevServer } from './dev-server'
import type { DevtoolsServer } from './dev-server'
import { DEVTOOLS } from './devtools'
import { launchChromium } from './launch'

const TIMEOUT = 10_000
/** `nuxt dev` compiles what the first page needs. */
const FIRST_TIMEOUT = 30_000

interface ContextOptions { isAuthorised?: boolean, colorScheme?: 'light' | 'dark' }

/** Chromium for all tests of a file. Its user data are in a new folder, which is removed with it. */
export function suiteChromium(server: DevtoolsServer) {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  /** A visitor with separate cookies, by default authorised for DevTools. */
  return async ({ isAuthorised = true, colorScheme = 'light' }: ContextOptions = {}): Promise<BrowserContext> => {
    const context = await browser.newContext({ baseURL: server.url, colorScheme, viewport: { width: 1280, height: 800 } })
    context.setDefaultTimeout(TIMEOUT)
    // Without it, every page of DevTools redirects to the welcome page.
    await context.addInitScript(() => localStorage.setItem('nuxt-devtools-first-visit', 'false'))
    if (isAuthorised) await DEVTOOLS.authorise(context, server.devToken)
    return context
  }
}

/** What finds elements, in a page as in a frame. */
export type PanelView = Pick<FrameLocator, 'getByRole' | 'getByText' | 'getByLabel' | 'locator'>

/** DevTools, and the panel inside it. Without DevTools, the panel is the page. */
export interface PanelPage { page: Page, panel: PanelView }

/** A development server, and an authorised browser with the panel open. */
export interface PanelSuite extends PanelPage {
  server: DevtoolsServer
  newContext: ReturnType<typeof suiteChromium>
  context: BrowserContext
}

/** The same panel for all tests of a file, because DevTools take seconds to load. Each test begins without cookies. */
export function suitePanel(env?: Record<string, string>): PanelSuite {
  const server = suiteDevServer(undefined, env)
  const newContext = suiteChromium(server)
  const suite = { server, newContext } as PanelSuite
  beforeAll(async () => {
    suite.context = await newContext()
    Object.assign(suite, await openPanel(suite.context))
  })
  beforeEach(async () => {
    await suite.context.clearCookies()
    await reloadPanel(suite)
  })
  return suite
}

/** Opens DevTools at our tab. */
export async function openTab(context: BrowserContext): Promise<PanelPage> {
  const page = await context.newPage()
  await page.goto(DEVTOOLS.tab)
  return { page, panel: DEVTOOLS.frame === undefined ? page : page.frameLocator(DEVTOOLS.frame) }
}

/** Opens DevTools at our tab and waits for the panel. */
export async function openPanel(context: BrowserContext): Promise<PanelPage> {
  const tab = await openTab(context)
  await tab.panel.getByRole('tablist', { name: 'Views' }).waitFor({ timeout: FIRST_TIMEOUT })
  return tab
}

/** Reloads the panel inside DevTools. */
export async function reloadPanel({ page, panel }: PanelPage): Promise<void> {
  const frame = page.frames().find(item => item.url().includes('__nuxt_session__'))
  if (DEVTOOLS.connectsOnce) await page.reload()
  else await frame!.goto(frame!.url())
  await panel.getByRole('tablist', { name: 'Views' }).waitFor()
}

/** Restarts the server, and reloads DevTools: Vite does that too, but sometimes gives up on a busy machine. */
export async function restart({ server, page, panel }: PanelSuite): Promise<void> {
  await server.restart()
  await page.reload()
  await panel.getByRole('tablist', { name: 'Views' }).waitFor({ timeout: FIRST_TIMEOUT })
}

/** Opens the app's page. */
export async function openApp(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto('/')
  return page
}

/** Presses a button of the app's page, in the background, and waits for the page that it leads to. */
export async function press(app: Page, button: string): Promise<void> {
  await Promise.all([app.waitForEvent('load'), app.locator(`#${button}`).dispatchEvent('click')])
}

/** What the app's page shows of its session. */
export async function shownSession(page: Page): Promise<Record<string, unknown>> {
  return JSON.parse(await page.locator('#session').textContent() ?? 'null')
}
