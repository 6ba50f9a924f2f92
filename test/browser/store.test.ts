import type { BrowserContext } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { suitePanel } from './support/chromium'
import type { PanelView } from './support/chromium'

/** The session "kept" of this app is a stored session. */
const devtools = suitePanel()
const { newContext } = devtools

describe('this browser\'s stored session', () => {
  it('is shown with its store, its record\'s size and its small cookie', async () => {
    const { panel } = devtools
    await login(devtools.context, 'ada', { text: 'x'.repeat(20_000) })
    const row = panel.getByRole('option').filter({ hasText: 'this browser' })
    await row.filter({ hasText: 'ada' }).filter({ hasText: 'store' }).filter({ hasText: '19.8 KB in the store' }).click()
    await panel.getByRole('button', { name: 'Details' }).click()
    await panel.getByText(/^19\.8 KB in the store “kept”, and a reference of [1-5]\d\d B in the cookie\. The store sets the limit\.$/).waitFor()
    await panel.getByText(/^Mozilla\/5\.0/).waitFor()
    await panel.getByRole('tab', { name: 'Cookie' }).click()
    await panel.getByText('The cookie contains only a reference. The session itself is in the store “kept”.').waitFor()
  })

  it('is edited without a new cookie, and its timeline shows what changed', async () => {
    const { panel, page } = devtools
    await login(devtools.context, 'ada', { n: 1 })
    await openRow(panel, 'this browser')
    const answer = page.waitForResponse(response => response.url().endsWith('/api/edit'))
    await edit(panel, '{ "n": 2 }')
    expect((await (await answer).allHeaders())['set-cookie']).toBeUndefined()
    expect((await kept(devtools.context)).data).toEqual({ n: 2 })
    await devtools.context.request.post('/api/kept', { data: { n: 3 } })
    await panel.getByRole('tab', { name: /^Timeline/ }).click()
    for (const [event, change] of [[/update DevTools/, 'n1→2'], [/update POST/, 'n2→3']] as const) {
      await panel.getByRole('button', { name: event }).first().click()
      await expect.poll(() => panel.locator('.request-item.open .diff').last().textContent()).toMatch(new RegExp(change.replace('→', '.*')))
      await panel.getByRole('button', { name: event }).first().click()
    }
  })

  it('gets a new id, and the old one is superseded', async () => {
    const { panel } = devtools
    await login(devtools.context, 'ada', { n: 1 })
    const before = await cookieHeader(devtools.context)
    const { id } = await kept(devtools.context)
    await openRow(panel, 'this browser')
    await panel.getByRole('button', { name: 'Regenerate id' }).click()
    await panel.getByText('The session has a new id.').waitFor()
    await expect.poll(async () => (await kept(devtools.context)).id).not.toBe(id)
    expect(await kept(devtools.context)).toMatchObject({ userId: 'ada', data: { n: 1 } })
    await expectUnsealed(panel, before, 'superseded', 'regenerate() gave the session a new id')
  })

  it('is expired, and the next request rejects it', async () => {
    const { panel } = devtools
    await login(devtools.context, 'ada', { n: 1 })
    const cookie = await cookieHeader(devtools.context)
    await openRow(panel, 'this browser')
    await pressTwice(panel, 'Expire')
    await panel.getByText('The session has expired.').waitFor()
    await panel.getByRole('option').filter({ hasText: 'ada' }).filter({ hasText: 'expired' }).first().waitFor()
    expect(await kept(devtools.context)).toMatchObject({ isNew: true, data: {} })
    await panel.getByRole('tab', { name: /^Requests/ }).click()
    await panel.getByRole('listitem').filter({ hasText: 'reject' }).filter({ hasText: '/api/kept' }).filter({ hasText: 'expired' }).first().waitFor()
    await expectUnsealed(panel, cookie, 'expired', 'It expired at')
  })

  it('is cleared with its cookie', async () => {
    const { panel } = devtools
    await login(devtools.context, 'ada')
    const cookie = await cookieHeader(devtools.context)
    await openRow(panel, 'this browser')
    await pressTwice(panel, 'Clear')
    await panel.getByText('The session is cleared.').waitFor()
    expect((await devtools.context.cookies()).map(({ name }) => name)).not.toContain('kept')
    await expectUnsealed(panel, cookie, 'revoked', 'the session was ended by clear(), revokeSession(),')
  })

  it('is created in the store', async () => {
    const { panel } = devtools
    await panel.getByRole('tab', { name: 'Create' }).click()
    await panel.getByLabel('Name').selectOption('kept')
    await panel.getByLabel('User id').fill('made')
    await panel.getByLabel('Data as JSON').fill('{ "made": true }')
    await panel.getByRole('button', { name: 'Create in this browser' }).click()
    await panel.getByText('This browser now has the new session.').waitFor()
    expect(await kept(devtools.context)).toMatchObject({ userId: 'made', data: { made: true }, isNew: false })
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    await panel.getByRole('option').filter({ hasText: 'made' }).filter({ hasText: 'this browser' }).filter({ hasText: 'store' }).waitFor()
  })

  it('is copied as the reference in its cookie', async () => {
    const { panel } = devtools
    await login(devtools.context, 'ada', { text: 'x'.repeat(9000) })
    await openRow(panel, 'this browser')
    await panel.getByRole('tab', { name: 'Export' }).click()
    await panel.getByRole('button', { name: 'Show the seal' }).click()
    const header = await panel.getByRole('region', { name: 'Cookie header' }).locator('pre').textContent() ?? ''
    expect(header).toMatch(/^Cookie: kept=Fe26\.2\*/)
    expect(header.length).toBeLessThan(600)
    const stranger = await newContext({ isAuthorised: false })
    const answer = await stranger.request.get('/api/kept', { headers: { cookie: header.slice('Cookie: '.length) } })
    expect(await answer.json()).toMatchObject({ userId: 'ada', isNew: false })
    // If the text contains no name, the name in the seal is used.
    for (const text of [header, header.slice('Cookie: kept='.length)])
      await expectUnsealed(panel, text, 'valid', 'It contains only a reference. The session itself is in the store "kept".')
  })
})

describe('another browser\'s stored session', () => {
  it('is revoked, which logs that browser out', async () => {
    const { panel } = devtools
    const other = await newContext({ isAuthorised: false })
    await login(other, 'grace')
    const cookie = await cookieHeader(other)
    await openRow(panel, 'grace')
    expect(await panel.getByRole('button', { name: 'Clear', exact: true }).getAttribute('aria-disabled')).toBe('true')
    await panel.getByRole('button', { name: 'Revoke', exact: true }).click()
    expect((await kept(other)).userId, 'one press does nothing').toBe('grace')
    await panel.getByRole('button', { name: 'Revoke (press again)' }).click()
    await panel.getByText('The session is revoked. Its browser is logged out.').waitFor()
    expect(await kept(other)).toMatchObject({ isNew: true, data: {} })
    await panel.getByRole('option').filter({ hasText: 'grace' }).filter({ hasText: 'revoked' }).waitFor()
    await panel.getByRole('tab', { name: /^Requests/ }).click()
    await panel.getByRole('button', { name: /revoke DevTools/ }).first().waitFor()
    await panel.getByRole('listitem').filter({ hasText: 'reject' }).filter({ hasText: 'revoked' }).first().waitFor()
    await expectUnsealed(panel, cookie, 'revoked', 'the session was ended by clear(), revokeSession(),')
  })

  it('is edited, and that browser has the new data', async () => {
    const { panel } = devtools
    const other = await newContext({ isAuthorised: false })
    await login(other, 'barbara', { n: 1 })
    await openRow(panel, 'barbara')
    await edit(panel, '{ "n": 2, "from": "the tab" }')
    expect(await kept(other)).toMatchObject({ userId: 'barbara', data: { n: 2, from: 'the tab' } })
  })

  it('is shown as revoked after the app has revoked it', async () => {
    const { panel } = devtools
    const other = await newContext({ isAuthorised: false })
    await login(other, 'edsger')
    await login(devtools.context, 'edsger')
    await openRow(panel, 'edsger')
    await devtools.context.request.delete('/api/kept/others')
    await panel.getByRole('option').filter({ hasText: 'edsger' }).filter({ hasText: 'revoked' }).waitFor()
    await panel.getByRole('option').filter({ hasText: 'edsger' }).filter({ hasText: 'this browser' }).waitFor()
  })
})

describe('a session that no request has used', () => {
  it('is listed from the store with its data, and can be revoked', async () => {
    const { panel } = devtools
    const item = `item-${crypto.randomUUID()}`
    const [handle] = await putElsewhere(1, { item })
    const row = panel.getByRole('option').filter({ hasText: `#${handle!.slice(0, 8)}` }).filter({ hasText: 'only in store' })
    await row.click()
    await panel.getByLabel('The session\'s data', { exact: true }).getByText(item).waitFor()
    await panel.getByRole('button', { name: 'Details' }).click()
    await panel.getByText('Elsewhere/1.0').waitFor()
    await panel.getByRole('tab', { name: 'Export' }).click()
    await panel.getByText('contains only the hash of its id').filter({ visible: true }).first().waitFor()
    await pressTwice(panel, 'Revoke')
    await panel.getByRole('option').filter({ hasText: `#${handle!.slice(0, 8)}` }).filter({ hasText: 'revoked' }).waitFor()
  })

  it('is not listed after the first hundred, and the tab shows a note', async () => {
    const { panel } = devtools
    const note = panel.getByText('The store “kept” has more sessions')
    expect(await note.count()).toBe(0)
    await putElsewhere(120, {})
    await note.waitFor()
    const listed = await panel.getByRole('option').first().getAttribute('aria-setsize')
    expect(Number(listed)).toBeGreaterThan(100)
    expect(Number(listed)).toBeLessThan(130)
  })
})

it('a session that its store has lost is marked', async () => {
  const { panel } = devtools
  await login(devtools.context, 'lost')
  await panel.getByRole('option').filter({ hasText: 'lost' }).filter({ hasText: 'this browser' }).waitFor()
  expect((await devtools.context.request.post('/api/kept/lost')).ok()).toBe(true)
  expect(await kept(devtools.context)).toMatchObject({ isNew: true })
  await panel.getByRole('option').filter({ hasText: 'lost' }).filter({ hasText: 'missing in the store' }).waitFor()
})

async function login(browser: BrowserContext, userId: string, data: object = {}): Promise<void> {
  expect((await browser.request.post('/api/kept/login', { data: { userId, data } })).status()).toBe(200)
}

async function kept(browser: BrowserContext): Promise<{ id: string, userId?: string, data: object, isNew: boolean }> {
  return (await browser.request.get('/api/kept')).json()
}

async function putElsewhere(count: number, data: object): Promise<string[]> {
  return (await (await devtools.context.request.post('/api/kept/elsewhere', { data: { count, data } })).json()).handles
}

async function cookieHeader(browser: BrowserContext): Promise<string> {
  return `Cookie: ${(await browser.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')}`
}

async function openRow(panel: PanelView, text: string): Promise<void> {
  await panel.getByRole('option').filter({ hasText: text }).filter({ hasText: 'store' }).first().click()
}

async function edit(panel: PanelView, json: string): Promise<void> {
  await panel.getByRole('button', { name: 'Edit', exact: true }).click()
  await panel.getByLabel('Data as JSON').fill(json)
  await panel.getByRole('button', { name: /^Apply/ }).click()
  await panel.getByText('The session now has the new data.').waitFor()
}

async function expectUnsealed(panel: PanelView, text: string, verdict: string, explanation: string): Promise<void> {
  await panel.getByRole('tab', { name: 'Unseal' }).click()
  await panel.getByRole('textbox').fill(text)
  await panel.getByRole('button', { name: 'Unseal', exact: true }).click()
  await panel.getByRole('article').filter({ hasText: verdict }).filter({ hasText: explanation }).waitFor()
}

/** Dangerous buttons must be pressed twice. */
async function pressTwice(panel: PanelView, name: string): Promise<void> {
  await panel.getByRole('button', { name, exact: true }).click()
  await panel.getByRole('button', { name: `${name} (press again)` }).click()
}
