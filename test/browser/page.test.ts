import { describe, expect, it } from 'vitest'
import { PAGE_PATH } from '../../src/devtools/protocol'
import { TARGET_NAME } from '../e2e/support/targets'
import { suiteChromium } from './support/chromium'
import { suiteDevServer } from './support/dev-server'
import { IS_PAGE } from './support/devtools'

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

describe.runIf(IS_PAGE)('an app that did not ask for the page', () => expectNoPage({ FIXTURE_DEVTOOLS: 'unasked' }))

describe.runIf(TARGET_NAME === 'h3-2')('an app of h3 2 in production, though it asks for the page', () => expectNoPage({ NODE_ENV: 'production' }))
