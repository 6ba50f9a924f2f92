import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { openApp, openPanel, openTab, press, reloadPanel, shownSession, suitePanel } from './support/chromium'
import type { PanelView } from './support/chromium'
import { DEVTOOLS } from './support/devtools'

const devtools = suitePanel()
const { newContext } = devtools

afterEach(async () => {
  for (const page of devtools.context.pages()) {
    if (page !== devtools.page) await page.close()
  }
})

describe('the tab', () => {
  it('shows nothing to a browser that is not authorised in DevTools', async () => {
    const stranger = await newContext({ isAuthorised: false })
    const answered: string[] = []
    stranger.on('response', response => response.status() !== 401 && /\/(?:__nuxt_session__|_sessions)\/api\//.test(response.url()) && void answered.push(response.url()))
    await openApp(stranger)
    const [, { page }] = await Promise.all([DEVTOOLS.refusal(stranger), openTab(stranger)])
    expect(page.frames().filter(frame => frame.url().includes('__nuxt_session__'))).toEqual([])
    expect(answered).toEqual([])
  })

  it('shows a session when a page is visited, and keeps showing it after a login, without a reload', async () => {
    const { app, panel } = await openBoth()
    await panel.getByRole('heading', { name: (await idOf(app)).slice(0, 8) }).waitFor()
    await expectData(panel, ['visits1number'])

    await press(app, 'login')
    await panel.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
    await currentRow(panel).filter({ hasText: 'Ada Lovelace' }).waitFor()
    await panel.getByRole('option').filter({ hasText: 'regenerated' }).first().waitFor()

    await press(app, 'cart')
    await expectData(panel, ['visits3number', '0"a book"string', 'name"Ada Lovelace"string'])
    expect(await shownSession(app)).toMatchObject({ visits: 3, cart: ['a book'] })
  })

  it('finds this browser\'s session if only a background request has changed it', async () => {
    const { panel } = devtools
    await devtools.context.request.post('/api/cart', { data: { item: 'in the background' }, maxRedirects: 0 })
    await currentRow(panel).waitFor()
  })

  it('keeps showing this browser\'s session after a login with a slow response', async () => {
    const { panel } = await openBoth()
    await devtools.context.request.post('/api/slow-login')
    await panel.getByRole('heading', { name: 'Alan Turing' }).waitFor()
    await currentRow(panel).filter({ hasText: 'Alan Turing' }).waitFor()
  })

  it('fetches only what has changed, and nothing while another tab of DevTools is open', async () => {
    const { app, panel, page } = await openBoth()
    // Fetches what has changed, whenever the server tells its clients.
    const other = await openPanel(await newContext())
    onTestFinished(() => other.page.close())
    const fetched: string[] = []
    page.on('request', request => request.url().includes('/api/state') && void fetched.push(request.url()))
    await press(app, 'cart')
    await expectData(panel, ['0"a book"string'])
    expect(fetched).toEqual(fetched.map(() => expect.stringMatching(/\/state\?since=/)))

    const tab = page.url()
    await DEVTOOLS.leave(page)
    await expect.poll(() => panel.locator('body').isVisible()).toBe(false)
    // Requests that were on their way have ended when nothing more is fetched between two changes.
    await expect.poll(async () => {
      fetched.length = 0
      const isTold = other.page.waitForResponse(async response => response.url().includes('/state?since=') && (await response.text()).includes('/api/cart'))
      await press(app, 'cart')
      await isTold
      return fetched.length
    }, { timeout: 20_000 }).toBe(0)
    await page.goBack()
    await page.waitForURL(tab)
    await expectData(panel, ['1"a book"string'])
  })

  it('edits the data, and the page shows the new data', async () => {
    const { app, panel } = await openBoth()
    await panel.getByRole('button', { name: 'Edit', exact: true }).click()
    const field = panel.getByLabel('Data as JSON')
    await field.fill('{ "visits": 41, "colour":')
    await panel.getByText(/JSON/).and(panel.locator('.danger')).waitFor()
    expect(await panel.getByRole('button', { name: /^Apply/ }).isDisabled()).toBe(true)
    await field.fill('{ "visits": 41, "colour": "green" }')
    await panel.getByText('What will change').waitFor()
    await panel.getByRole('button', { name: 'Apply +1 ~1' }).click()
    await panel.getByText('The session now has the new data.').waitFor()
    await expectData(panel, ['visits41number', 'colour"green"string'])
    await app.reload()
    expect(await shownSession(app)).toEqual({ visits: 42, colour: 'green' })

    await panel.getByRole('tab', { name: /^Requests/ }).click()
    await panel.getByRole('button', { name: /update DevTools/ }).first().waitFor()
  })

  it('regenerates the id, and the browser keeps the session', async () => {
    const { app, panel } = await openBoth()
    const before = await idOf(app)
    await panel.getByRole('button', { name: 'Regenerate id' }).click()
    await panel.getByText('The session has a new id.').waitFor()
    await expect.poll(() => idOf(app)).not.toBe(before)
    await currentRow(panel).waitFor()
    await app.reload()
    expect(await shownSession(app)).toEqual({ visits: 2 })
  })

  it('creates a session from a preset, and the app has it', async () => {
    const { app, panel } = await openBoth()
    const before = (await idOf(app)).slice(0, 8)
    await panel.getByRole('tab', { name: 'Create' }).click()
    await panel.getByRole('button', { name: 'Log in as admin' }).click()
    await panel.getByText('This browser now has the new session.').waitFor()
    await app.reload()
    expect(await shownSession(app)).toEqual({ visits: 1, user: { id: 1, name: 'Grace Hopper', role: 'admin' } })
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    const replaced = panel.getByRole('option').filter({ hasText: before }).filter({ hasText: 'replaced by DevTools' })
    await replaced.waitFor()
    expect(await replaced.textContent(), 'it is no alarm').not.toContain('cookie lost')
    await reloadPanel(devtools)
    await replaced.waitFor()
  })

  it('replaces a session in chunks, and removes the chunks', async () => {
    const names = async () => (await devtools.context.cookies()).map(cookie => cookie.name).filter(name => name.startsWith('h3')).toSorted()
    await devtools.context.request.post('/api/cart', { data: { item: 'x'.repeat(4000) }, maxRedirects: 0 })
    expect(await names()).toEqual(['h3', 'h3.1', 'h3.2'])
    const { app, panel } = await openBoth()
    await panel.getByRole('tab', { name: 'Create' }).click()
    await panel.getByRole('button', { name: 'Log in as admin' }).click()
    await panel.getByText('This browser now has the new session.').waitFor()
    expect(await names()).toEqual(['h3'])
    await app.reload()
    expect(await shownSession(app)).toMatchObject({ visits: 1, user: { role: 'admin' } })
  })

  it('makes a link that creates a session in the browser that opens it, once', async () => {
    const { panel } = await openBoth()
    await panel.getByRole('tab', { name: 'Create' }).click()
    await panel.getByLabel('User id').fill('u-1')
    await panel.getByLabel('Data as JSON').fill('{ "linked": true }')
    await panel.getByRole('button', { name: 'Make a link' }).click()
    const link = await panel.locator('code.link').textContent()

    const other = await newContext({ isAuthorised: false })
    const page = await other.newPage()
    await page.goto(link!)
    expect(new URL(page.url()).pathname).toBe('/')
    expect(await shownSession(page)).toEqual({ linked: true, visits: 1 })
    expect((await page.goto(link!))?.status()).toBe(404)
  })

  it('unseals the seal that it copied, and explains why it rejects others', async () => {
    const { panel } = await openBoth()
    await panel.getByRole('tab', { name: 'Export' }).click()
    await panel.getByRole('button', { name: 'Show the seal' }).click()
    const header = await panel.getByRole('region', { name: 'Cookie header' }).locator('pre').textContent()
    const curl = await panel.getByRole('region', { name: 'curl' }).locator('pre').textContent()
    expect(header).toMatch(/^Cookie: h3=Fe26\.2\*/)

    await panel.getByRole('tab', { name: 'Unseal' }).click()
    const results = panel.getByRole('article')
    for (const text of [header!, curl!, header!.slice('Cookie: h3='.length)]) {
      await unseal(panel, text)
      await results.filter({ hasText: 'valid' }).filter({ hasText: 'visits' }).waitFor()
    }
    await unseal(panel, header!.slice(0, 60))
    await results.filter({ hasText: 'It is cut off' }).waitFor()
    await unseal(panel, `${header!.slice(0, -4)}AAAA`)
    await results.filter({ hasText: 'No configured password opens it' }).waitFor()
    await unseal(panel, 'hello')
    await results.filter({ hasText: 'It is not a seal' }).waitFor()
  })

  it('restores the data of an event of the timeline', async () => {
    const { app, panel } = await openBoth()
    await press(app, 'cart')
    await press(app, 'cart')
    expect(await shownSession(app)).toMatchObject({ visits: 3, cart: ['a book', 'a book'] })
    await panel.getByRole('tab', { name: /^Timeline/ }).click()
    // The newest event comes first, so the first addition is the second event.
    const event = panel.getByRole('listitem').filter({ hasText: '/api/cart' }).filter({ hasText: 'update' }).nth(1)
    await event.getByRole('button').first().click()
    await event.getByText(/^server\/api\/cart\.post\.ts:\d+$/).waitFor()
    await event.getByRole('button', { name: 'Restore to this point…' }).click()
    await event.getByRole('button', { name: 'Apply' }).click()
    await panel.getByText('This browser\'s session now has the data of that point.').waitFor()
    await app.reload()
    expect(await shownSession(app)).toEqual({ visits: 2, cart: ['a book'] })
  })

  it('expires and clears the session, and shows both', async () => {
    const { app, panel } = await openBoth()
    const before = await idOf(app)
    await pressTwice(panel, 'Expire')
    await panel.getByText('The session has expired.').waitFor()
    await app.reload()
    expect(await shownSession(app)).toEqual({ visits: 1 })
    const after = await idOf(app)
    expect(after).not.toBe(before)

    // The panel shows the new session a moment later.
    await currentRow(panel).filter({ hasText: after.slice(0, 8) }).click()
    await pressTwice(panel, 'Clear')
    await panel.getByText('The session is cleared.').waitFor()
    await panel.getByRole('option').filter({ hasText: 'cleared' }).filter({ hasText: after.slice(0, 8) }).waitFor()
    await app.reload()
    expect(await shownSession(app)).toEqual({ visits: 1 })
    expect(await idOf(app)).not.toBe(after)
  })

  it('disables actions on a cookie session that this browser does not send, with the reason', async () => {
    const other = await newContext({ isAuthorised: false })
    const id = await idOf(await openApp(other))
    const { panel } = await openBoth()
    await panel.getByRole('option').filter({ hasText: id.slice(0, 8) }).click()
    const clear = panel.getByRole('button', { name: 'Clear', exact: true })
    expect(await clear.getAttribute('aria-disabled')).toBe('true')
    await panel.getByText('This browser does not send its cookie to DevTools.').filter({ visible: true }).waitFor()
  })

  it('lists sessions of h3\'s own useSession, with their actions disabled', async () => {
    const { panel } = devtools
    await devtools.context.request.get('/api/with-h3')
    await devtools.context.request.get('/api/with-h3')
    await panel.getByRole('option').filter({ hasText: 'kept-by-h3' }).filter({ hasText: 'this browser' }).click()
    await expectData(panel, ['steps2number'])
    for (const name of ['Edit', 'Clear', 'Regenerate id'])
      expect(await panel.getByRole('button', { name, exact: true }).getAttribute('aria-disabled'), name).toBe('true')
  })

  it('hides values with a secret\'s name until the button is pressed', async () => {
    const { panel } = await openBoth()
    await panel.getByRole('button', { name: 'Edit', exact: true }).click()
    await panel.getByLabel('Data as JSON').fill('{ "apiToken": "marker-of-a-secret" }')
    await panel.getByRole('button', { name: /^Apply/ }).click()
    const shown = panel.getByText('marker-of-a-secret')
    await panel.getByRole('button', { name: 'Show the hidden value of apiToken' }).waitFor()
    expect(await shown.count()).toBe(0)
    await panel.getByRole('button', { name: 'Show the hidden value of apiToken' }).click()
    await shown.first().waitFor()
    expect((await (await devtools.context.request.get('/api/session')).json()).data).toEqual({ apiToken: 'marker-of-a-secret' })
  })

  it('finds sessions by their data, with the keyboard only', async () => {
    const { app, panel, page } = await openBoth()
    const item = `item-${crypto.randomUUID()}`
    await devtools.context.request.post('/api/cart', { data: { item }, maxRedirects: 0 })
    await expectData(panel, [item])
    await panel.getByRole('tab', { name: /^Sessions/ }).focus()
    await page.keyboard.press('/')
    await page.keyboard.type(item)
    await panel.getByText(/^1 of \d+ sessions$/).waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Enter')
    await expect.poll(() => panel.locator(':focus').textContent()).toContain((await idOf(app)).slice(0, 8))
  })
})

/** Opens the app's page with a new session, and shows the panel in the same browser. */
async function openBoth() {
  const { page, panel } = devtools
  const app = await openApp(devtools.context)
  // Pages in the background render slowly.
  await page.bringToFront()
  await currentRow(panel).click()
  return { page, panel, app }
}

/** The row of this browser's session. */
function currentRow(panel: PanelView) {
  return panel.getByRole('option').filter({ hasText: 'this browser' })
}

async function expectData(panel: PanelView, texts: string[]): Promise<void> {
  const tree = panel.getByLabel('The session\'s data', { exact: true })
  const text = async () => (await tree.textContent() ?? '').replaceAll(/\s+/g, ' ').replaceAll(/ ?(["\d,]|array|string|number) ?/g, '$1')
  for (const expected of texts) await expect.poll(text, { timeout: 10_000 }).toContain(expected.replaceAll(/ ?(["\d,]|array|string|number) ?/g, '$1'))
}

async function idOf(app: Page): Promise<string> {
  return (await (await app.request.get('/api/session')).json()).id
}

async function unseal(panel: PanelView, text: string): Promise<void> {
  await panel.getByRole('textbox').fill(text)
  await panel.getByRole('button', { name: 'Unseal', exact: true }).click()
}

/** Dangerous buttons must be pressed twice. */
async function pressTwice(panel: PanelView, name: string): Promise<void> {
  await panel.getByRole('button', { name, exact: true }).click()
  await panel.getByRole('button', { name: `${name} (press again)` }).click()
}
