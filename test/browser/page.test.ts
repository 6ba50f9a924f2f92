import { describe, expect, it } from 'vitest'
import { PAGE_PATH } from '../../src/devtools/protocol'
import { TARGET_NAME } from '../e2e/support/targets'
import { suiteChromium } from './support/chromium'
import { suiteDevServer } from './support/dev-server'
import { DEVTOOLS, IS_PAGE } from './support/devtools'

/** What an app does that does not show its sessions, whatever the reason. */
function expectNoPage(env: Record<string, string>): void {
  const server = suiteDevServer(undefined, env)
  const newContext = suiteChromium(server)

  it('has none, and its terminal shows no link', async () => {
    const context = await newContext({ isAuthorised: false })
    const page = await context.newPage()
    for (const path of [PAGE_PATH, `${PAGE_PATH}/`, `${PAGE_PATH}/api/state`, `${PAGE_PATH}/icon.svg`])
      expect((await page.goto(path))?.status(), path).toBe(404)
    expect((await context.request.post(`${PAGE_PATH}/api/create`, { data: { name: 'h3', data: {} } })).status()).toBe(404)
    expect((await context.request.get('/api/session')).ok(), 'the app itself').toBe(true)
    expect(server.log).not.toContain(PAGE_PATH)
  })
}

describe.runIf(IS_PAGE)('an app that asked for the page', () => {
  const server = suiteDevServer()
  const newContext = suiteChromium(server)

  it('the link works in the tab that is open at the page, where only the hash changes', async () => {
    const page = await (await newContext({ isAuthorised: false })).newPage()
    await page.goto(DEVTOOLS.tab)
    await page.getByText(DEVTOOLS.unauthorised).waitFor()
    await page.goto(`${DEVTOOLS.tab}#${server.devToken}`)
    await page.getByRole('tablist', { name: 'Views' }).waitFor()
    expect(new URL(page.url()).hash).toBe('')
  })
})

describe.runIf(IS_PAGE)('an app that did not ask for the page', () => expectNoPage({ FIXTURE_DEVTOOLS: 'unasked' }))

describe.runIf(TARGET_NAME === 'h3-2')('an app of h3 2 in production, though it asks for the page', () => expectNoPage({ NODE_ENV: 'production' }))
