import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator } from 'playwright-core'
import { afterAll, afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createSessionCookie } from '../../src/testing/create-session-cookie'
import { reloadPanel, shownSession, suitePanel } from './support/chromium'
import type { PanelView } from './support/chromium'
import { DEVTOOLS, frameOf } from './support/devtools'

const dir = mkdtempSync(join(tmpdir(), 'h3-session-editor-'))
const editor = join(dir, 'editor')
const opened = join(dir, 'opened')
const failing = join(dir, 'failing')
writeFileSync(editor, `#!/bin/sh\necho "$@" > ${opened}\ntest ! -e ${failing}\n`, { mode: 0o755 })
afterAll(() => rmSync(dir, { recursive: true }))

const devtools = suitePanel({ LAUNCH_EDITOR: editor })
const { server, newContext } = devtools
beforeEach(() => devtools.panel.getByRole('tab', { name: /^Requests/ }).click())

describe('a request that failed', () => {
  it.each([
    ['GET', '/api/members', 401, 'deny', 'SESSION_REQUIRED', 'Log in first. The request sent no token of the session "h3".', 'server/api/members.get.ts:2'],
    ['POST', '/api/too-large', 500, 'fail', 'SESSION_TOO_LARGE', 'too large for cookies', 'server/api/too-large.post.ts:3'],
    ['POST', '/api/kept/conflict', 409, 'fail', 'SESSION_CONFLICT', 'the session ended during this request', 'server/api/kept/conflict.post.ts:5'],
    ['POST', '/api/store-down', 503, 'fail', 'SESSION_STORE_UNAVAILABLE', 'Check that it runs', 'server/api/store-down.post.ts:4'],
  ])('%s %s is shown with its status %i, its reason and its place', async (method, path, status, kind, code, explanation, source) => {
    await devtools.context.request.post('/api/kept/login', { data: { userId: 'ada' } })
    const event = await openEvent([path, kind, code, String(status)], () => devtools.context.request.fetch(path, { method }))
    await event.getByRole('definition').getByText(explanation).waitFor()
    await event.getByRole('button', { name: source }).waitFor()
  })

  it('shows at once that its store is down, and the panel stays usable', async () => {
    const { panel } = devtools
    await devtools.context.request.post('/api/store-down')
    await devtools.context.request.post('/api/coupon')
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    await panel.getByText('The store “unreachable” cannot be read').first().waitFor()
    await panel.getByRole('option').filter({ hasText: 'this browser' }).waitFor()
  })
})

it('a successful request is shown with its status', async () => {
  await devtools.context.request.post('/api/coupon')
  await eventOf(devtools.panel, '/api/coupon', 'create', 'status 200').first().waitFor()
})

it('a streamed response is shown with its status, and this browser\'s session is found', async () => {
  const { panel, context } = devtools
  expect(await (await context.request.get('/api/streamed')).text()).toBe('onetwo')
  await eventOf(panel, '/api/streamed', 'create', 'status 200').first().waitFor()
  await panel.getByRole('tab', { name: /^Sessions/ }).click()
  await panel.getByRole('option').filter({ hasText: 'this browser' }).waitFor()
})

it('a read by a WebSocket is shown with its path and its place', async () => {
  const page = await devtools.context.newPage()
  await page.goto('/')
  const talk = () => page.evaluate(() => new Promise<string>((resolve, reject) => {
    const socket = new WebSocket(`ws://${location.host}/_ws`)
    socket.onopen = () => socket.send('')
    socket.onmessage = ({ data }) => {
      socket.onclose = () => resolve(data)
      socket.close()
    }
    socket.onerror = () => reject(new Error('The socket failed.'))
  }))
  const event = await openEvent(['WS /_ws', 'read'], async () => expect(JSON.parse(await talk())).toEqual({ visits: 1 }))
  await event.getByText(/^server\/routes\/_ws\.ts:\d+$/).waitFor()
  await page.close()
})

it('a write is shown with its own place and its caller, which open in the editor', async () => {
  const { panel } = devtools
  const event = await openEvent(['/api/coupon', '+coupon'], () => devtools.context.request.post('/api/coupon'))
  await event.getByRole('button', { name: 'server/utils/coupon.ts:5' }).waitFor()
  await event.getByRole('button', { name: 'server/api/coupon.post.ts:3' }).click()
  await panel.getByText('Opening server/api/coupon.post.ts:3.').waitFor()
  await expect.poll(() => readFile(opened, 'utf8').catch(() => '')).toMatch(/server\/api\/coupon\.post\.ts\D+3\b/)
})

it('a file that the editor does not open is shown with the reason', async () => {
  const { panel } = devtools
  writeFileSync(failing, '')
  onTestFinished(() => rm(failing))
  const event = await openEvent(['/api/coupon', '+coupon'], () => devtools.context.request.post('/api/coupon'))
  await event.getByRole('button', { name: 'server/api/coupon.post.ts:3' }).click()
  await panel.getByRole('alert').getByText('The editor did not open the file: (code 1).').waitFor()
  expect(await panel.getByText('Opening server').count()).toBe(0)
})

describe('a visitor who was logged out', () => {
  it('everywhere by the app: the tab shows by which call, and whose token was rejected', async () => {
    const { panel } = devtools
    const other = await newContext({ isAuthorised: false })
    await other.request.post('/api/kept/login', { data: { userId: 'edsger' } })
    await devtools.context.request.post('/api/kept/login', { data: { userId: 'edsger' } })
    const revoked = await openEvent(['/api/kept/others', 'revoke', 'edsger'], () => devtools.context.request.delete('/api/kept/others'))
    await revoked.getByRole('button', { name: 'server/api/kept/others.delete.ts:4' }).waitFor()
    expect(await revoked.textContent(), 'it has no data that could be restored').not.toMatch(/too large|no longer kept|restore|use this data/i)
    const rejected = await openEvent(['GET /api/kept', 'reject', 'edsger', 'It was ended by revokeUserSessions("edsger", { except }) in DELETE /api/kept/others.'], () => other.request.get('/api/kept'))
    await rejected.getByRole('paragraph').filter({ hasText: 'It was ended by revokeUserSessions("edsger", { except }) in DELETE /api/kept/others.' }).waitFor()
    await rejected.getByRole('button', { name: 'Open session' }).click()
    await panel.getByText('It was ended by revokeUserSessions("edsger", { except }) in DELETE /api/kept/others.').filter({ visible: true }).waitFor()
  })

  it('by a new id: both sessions are linked', async () => {
    const { panel } = devtools
    await devtools.context.request.post('/api/coupon')
    const { id } = await (await devtools.context.request.get('/api/session')).json()
    await devtools.context.request.post('/api/login', { maxRedirects: 0 })
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    await panel.getByRole('option').filter({ hasText: id.slice(0, 8) }).filter({ hasText: 'regenerated' }).click()
    await panel.getByText('It got a new id by POST /api/login.').waitFor()
    await panel.getByRole('button', { name: 'server/api/login.post.ts:2' }).waitFor()
    await panel.getByRole('button', { name: 'Session with the new id' }).click()
    await panel.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()
    await panel.getByRole('button', { name: 'Session with the previous id' }).click()
    await panel.getByText('It got a new id by').waitFor()
  })

  it('by a seal that was changed: the tab shows the sentence', async () => {
    await devtools.context.request.post('/api/coupon')
    const [cookie] = await devtools.context.cookies()
    await devtools.context.addCookies([{ ...cookie!, value: `${cookie!.value.slice(0, -4)}AAAA` }])
    await devtools.context.request.get('/api/session')
    await eventOf(devtools.panel, 'GET /api/session', 'reject', 'No configured password opens it').first().waitFor()
  })

  it('by the browser: the tab shows that it does not send the cookie any more', async () => {
    const { panel } = devtools
    await devtools.context.request.post('/api/coupon')
    const { id } = await (await devtools.context.request.get('/api/session')).json()
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    await panel.getByRole('option').filter({ hasText: 'this browser' }).click()
    await devtools.context.clearCookies()
    await devtools.context.request.get('/api/members')
    const lost = panel.getByRole('option').filter({ hasText: id.slice(0, 8) }).filter({ hasText: 'cookie lost' })
    await lost.click()
    await panel.getByText('This browser does not send its cookie any more: ').waitFor()
    await reloadPanel(devtools)
    await lost.waitFor()
  })
})

describe('a story is answered within two clicks', () => {
  let clicks = 0
  const click = async (target: Locator) => {
    clicks++
    await target.click()
  }
  beforeEach(async () => {
    await reloadPanel(devtools)
    clicks = 0
  })
  afterEach(() => expect(clicks).toBeLessThanOrEqual(2))

  it('why was this visitor logged out?', async () => {
    const { panel, context } = devtools
    const visitor = await newContext({ isAuthorised: false })
    for (const { request } of [visitor, context]) await request.post('/api/kept/login', { data: { userId: 'katherine' } })
    await context.request.delete('/api/kept/others')
    await click(panel.getByRole('option').filter({ hasText: 'katherine' }).filter({ hasText: 'revoked' }))
    await panel.getByText('It was ended by revokeUserSessions("katherine", { except }) in DELETE /api/kept/others.').waitFor()
    await panel.getByText('If this session should stay, pass it as "except".').waitFor()
    await click(panel.getByRole('button', { name: 'server/api/kept/others.delete.ts:4' }))
    await panel.getByText('Opening server/api/kept/others.delete.ts:4.').waitFor()
  })

  it('a cookie is not lost if a first visit sends many requests at the same time', async () => {
    const { panel, context } = devtools
    const page = await context.newPage()
    await page.goto('/')
    await context.clearCookies()
    const read = () => page.evaluate(length => Promise.all(Array.from({ length }, async () => (await (await fetch('/api/session')).json()).id as string)), 12)
    const ids = await read()
    const [id] = await read()
    await page.close()
    await panel.getByRole('option').filter({ hasText: id!.slice(0, 8) }).filter({ hasText: 'this browser' }).waitFor()
    const lost = await panel.getByRole('option').filter({ hasText: 'never came back' }).allTextContents()
    expect(lost.filter(text => ids.some(each => text.includes(each.slice(0, 8))))).toEqual([])
  })

  it('a cookie is not lost if the request of another site\'s page lacks it', async () => {
    const { panel } = devtools
    const page = await (await newContext({ isAuthorised: false })).newPage()
    const created = await page.goto('/api/session')
    const { id } = await created!.json()
    await page.goto(`data:text/html,<form method="post" action="${server.url}/api/members"><button></button></form>`)
    const [denied] = await Promise.all([page.waitForResponse('**/api/members'), page.getByRole('button').click()])
    expect(denied.status()).toBe(401)
    await click(panel.getByRole('tab', { name: /^Requests/ }))
    const event = eventOf(panel, 'POST /api/members', 'deny').first()
    await click(event.getByRole('button').first())
    await event.getByRole('definition').filter({ hasText: 'It came from another site: browsers then leave out the cookie' }).waitFor()
    expect(await panel.getByRole('option', { includeHidden: true }).filter({ hasText: id.slice(0, 8) }).textContent()).not.toContain('never came back')
    expect(await (await page.goto('/api/session'))!.json(), 'the browser has it').toMatchObject({ id })
  })

  it('why does this browser lose its session at once?', async () => {
    const { panel, context } = devtools
    const page = await context.newPage()
    await page.goto('/')
    const row = panel.getByRole('option').filter({ hasText: 'dropped' }).filter({ hasText: 'never came back' })
    await page.evaluate(async () => {
      for (const method of ['POST', 'POST']) await fetch('/api/dropped', { method })
    })
    await row.first().waitFor()
    await page.close()
    await click(row.first())
    await panel.getByText('Its cookie never came back: POST /api/dropped').waitFor()
    await click(panel.getByRole('tab', { name: /^Cookie/ }))
    await panel.getByText(`No. Browsers do not send this cookie to ${server.url}:`).waitFor()
    await panel.getByText('its Domain shop.test does not include the host 127.0.0.1').waitFor()
  })

  it('why does this browser lose a session whose cookie browsers store? Its mark and the tab "Cookie" name each other', async () => {
    const { panel } = devtools
    await forget()
    await click(panel.getByRole('option').filter({ hasText: 'Ada Lovelace' }).filter({ hasText: 'cookie removed' }).first())
    await panel.getByText('Its cookie was removed by the response to POST /api/forget: the app has deleted or set a cookie of the same name.').filter({ visible: true }).waitFor()
    await panel.getByText('call the session\'s clear(), not deleteCookie()').waitFor()
    await click(panel.getByRole('tab', { name: /^Cookie/ }))
    await panel.getByText('Yes. Browsers store this cookie and send it with every request').filter({ hasText: 'But this session is marked “cookie removed”: the sentence above says why.' }).waitFor()
  })

  it('why was this request denied, if the app itself has deleted the cookie?', async () => {
    const { panel } = devtools
    await forget()
    await click(panel.getByRole('tab', { name: /^Requests/ }))
    const event = eventOf(panel, 'GET /api/members', 'deny').first()
    await click(event.getByRole('button').first())
    await event.getByRole('definition').filter({ hasText: 'Its cookie was removed by the response to POST /api/forget' }).waitFor()
  })

  it('who wrote this key?', async () => {
    const { panel, context } = devtools
    await context.request.post('/api/cart', { maxRedirects: 0 })
    await context.request.post('/api/coupon')
    await context.request.post('/api/cart', { maxRedirects: 0 })
    await click(panel.getByRole('option').filter({ hasText: 'this browser' }))
    await panel.getByRole('button', { name: 'coupon was last written by POST /api/coupon' }).waitFor()
    await panel.getByRole('button', { name: 'server/utils/coupon.ts:5' }).waitFor()
    await click(panel.getByRole('button', { name: 'cart was last written by POST /api/cart and 1 earlier' }))
    const history = panel.getByRole('list', { name: 'History of cart' }).getByRole('listitem')
    await expect.poll(() => history.count()).toBe(2)
    await history.filter({ hasText: '+cart' }).filter({ hasText: 'server/api/cart.post.ts:3' }).waitFor()
  })

  it('who wrote this key? The file opens in the editor', async () => {
    const { panel, context } = devtools
    await context.request.post('/api/coupon')
    await click(panel.getByRole('option').filter({ hasText: 'this browser' }))
    await rm(opened, { force: true })
    await click(panel.getByRole('button', { name: 'server/utils/coupon.ts:5' }))
    await panel.getByText('Opening server/utils/coupon.ts:5.').waitFor()
    await expect.poll(() => readFile(opened, 'utf8').catch(() => '')).toMatch(/server\/utils\/coupon\.ts\D+5\b/)
  })

  it('log in as admin', async () => {
    const { panel, context } = devtools
    await click(panel.getByRole('tab', { name: 'Create' }))
    await click(panel.getByRole('button', { name: 'Log in as admin' }))
    await panel.getByText('This browser now has the new session.').waitFor()
    expect(await (await context.request.get('/api/members')).json()).toEqual({ userId: '1' })
  })

  it('what made this session too large?', async () => {
    const { panel, context } = devtools
    await context.request.post('/api/coupon')
    await context.request.post('/api/too-large')
    await click(panel.getByRole('tab', { name: /^Requests/ }))
    // Requests of earlier tests are below it.
    const request = panel.locator('.request-item').first().filter({ hasText: '/api/too-large' })
    await request.waitFor()
    await click(request.getByRole('button').first())
    await request.getByText(/text 26\.\d KB, coupon \d+ B/).waitFor()
    await request.getByText('Keep less in it').first().waitFor()
  })

  it('two tabs raced', async () => {
    const { panel, context } = devtools
    await context.request.post('/api/coupon')
    await Promise.all(['one', 'two'].map(key => context.request.post('/api/race', { data: { key } })))
    await click(panel.getByRole('tab', { name: /^Requests/ }))
    const request = eventOf(panel, '/api/race', 'lost update')
    await click(request.getByRole('button').first())
    await request.getByText(/Lost update: this request read the session before POST \/api\/race wrote \+(one|two), and wrote it without that change/).waitFor()
    await request.getByText('Keep this session in a store').waitFor()
  })

  it('did two tabs count twice?', async () => {
    const { panel, context } = devtools
    await context.request.post('/api/coupon')
    await Promise.all(['one', 'two'].map(() => context.request.post('/api/race', { data: { key: 'count', value: 1 } })))
    await click(panel.getByRole('tab', { name: /^Requests/ }))
    const request = panel.locator('.request-item').first().filter({ hasText: '+count' })
    await click(request.getByRole('button').first())
    await request.getByText('This request and POST /api/race ran in parallel, and both wrote +count, from the same value to the same value. If each should count, one is lost.').waitFor()
    expect(await request.getByText(/lost update/i).count(), 'no mark without a proof').toBe(0)
  })
})

/** A visitor logs in, uses a route without a session, and one that deletes the cookie. */
async function forget(): Promise<void> {
  const page = await (await newContext({ isAuthorised: false })).newPage()
  await page.goto('/api/ready')
  const statuses = await page.evaluate(async () => {
    const all: number[] = []
    for (const [method, path] of [['POST', '/api/login'], ['GET', '/api/ready'], ['POST', '/api/forget'], ['GET', '/api/members']]) all.push((await fetch(path!, { method, redirect: 'manual' })).status)
    return all
  })
  expect(statuses).toEqual([0, 200, 200, 401])
  await page.close()
}

describe('a write of a request that was running', () => {
  /** Calls a route while another request is running, which then writes the session that it has read. */
  async function during(call: () => Promise<unknown>): Promise<void> {
    const { panel, context: { request } } = devtools
    await request.post('/api/coupon')
    let writing: Promise<unknown> | undefined
    await openEvent(['POST /api/held', 'read'], async () => void (writing = request.post('/api/held')))
    await call()
    expect(await (await request.get('/api/held')).json()).toBe(1)
    await writing
    await eventOf(panel, 'POST /api/held', 'lost update').first().waitFor()
  }

  it('at a login: the tab shows why the visitor is not logged in', async () => {
    const { panel, context: { request } } = devtools
    await during(() => request.post('/api/login', { maxRedirects: 0 }))
    const because = 'POST /api/login gave the session a new id (Ada Lovelace (7)), but POST /api/held was running and set the cookie with its old id.'
    const denied = await openEvent(['/api/members', 'deny', '401'], () => request.get('/api/members'))
    await denied.getByRole('definition').getByText(`${because} The cookie of that response has replaced the new one.`).waitFor()
    await denied.getByRole('button', { name: 'Session with the new id' }).click()
    await panel.getByText(`Its cookie was replaced: ${because.replace(' (Ada Lovelace (7))', '')}`).waitFor()
    await panel.getByRole('option').filter({ hasText: 'Ada Lovelace' }).filter({ hasText: 'overwritten' }).first().waitFor()
  })

  it('at a logout: the tab shows that it has undone clear()', async () => {
    const { panel, context: { request } } = devtools
    await during(() => request.post('/api/logout', { maxRedirects: 0 }))
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    await panel.getByRole('option').filter({ hasText: 'this browser' }).filter({ hasText: 'clear() overwritten' }).click()
    await panel.getByText('It was cleared by POST /api/logout, but POST /api/held was running: its response has set the cookie again.').waitFor()
  })
})

it('a lost update of parallel GETs of one URL, which Chromium sends one after the other, is marked', async () => {
  const { panel, context } = devtools
  await context.request.post('/api/coupon')
  const page = await context.newPage()
  await page.goto('/')
  const lengths = await page.evaluate(() => Promise.all([1, 2, 3].map(async () => await (await fetch('/api/push')).json() as number)))
  expect(lengths).toEqual([1, 1, 1])
  await page.close()
  await expect.poll(() => eventOf(panel, '/api/push', 'lost update').count(), { timeout: 10_000 }).toBe(2)
})

describe('a cookie session that no request has used since the server started', () => {
  it('is shown from the panel\'s own request, and does not count as used', async () => {
    const { panel } = devtools
    const [, password] = /SESSION_PASSWORD=(\S+)/.exec(await server.dotenv())!
    await addSession({ user: { name: 'Barbara Liskov' } }, password!)
    await reloadPanel(devtools)
    await panel.getByRole('tab', { name: /^Sessions/ }).click()
    await panel.getByRole('option').filter({ hasText: 'Barbara Liskov' }).filter({ hasText: 'this browser' }).filter({ hasText: /used \d+ min ago/ }).click()
    await panel.getByRole('button', { name: 'Regenerate id' }).and(panel.locator(':not([aria-disabled=true])')).waitFor()
  })

  it('that the app rejects is shown with the reason, once', async () => {
    const { panel } = devtools
    await addSession({ user: { name: 'Donald Knuth' } }, 'test-only-password-that-the-app-does-not-have')
    const verdict = eventOf(panel, 'DevTools', 'cookie check', 'No configured password opens it')
    const before = await verdict.count()
    const rejects = await panel.getByRole('button', { name: /^rejects/ }).textContent()
    for (let times = 0; times < 2; times++) {
      await reloadPanel(devtools)
      await panel.getByRole('tab', { name: /^Requests/ }).click()
      await verdict.first().waitFor()
    }
    expect(await verdict.count()).toBe(before + 1)
    expect(await panel.getByRole('button', { name: /^rejects/ }).textContent(), 'no request of the app was rejected').toBe(rejects)
  })

  async function addSession(data: object, password: string): Promise<void> {
    const { browserCookies } = await createSessionCookie(data, { password, maxAge: 7 * 24 * 3600, createdAt: Date.now() - 600_000 })
    await devtools.context.addCookies(browserCookies(server.url))
  }
})

describe('a preset', () => {
  it.each([
    ['admin', '/api/members', { userId: '1' }],
    ['guest', '/api/kept', { userId: 'guest', data: { isGuest: true }, isNew: false }],
  ])('"%s" logs this browser in', async (preset, path, answer) => {
    const { panel } = devtools
    await panel.getByRole('tab', { name: 'Create' }).click()
    await panel.getByRole('button', { name: `Log in as ${preset}` }).click()
    await panel.getByText('This browser now has the new session.').waitFor()
    expect(await (await devtools.context.request.get(path)).json()).toMatchObject(answer)
  })

  it('reloads the app\'s page, if DevTools is open in it', async () => {
    const page = await devtools.context.newPage()
    await page.goto('/')
    expect(await shownSession(page)).toEqual({ visits: 1 })
    const { id } = await (await page.request.get('/api/session')).json()
    await DEVTOOLS.embed(page)
    const panel = await frameOf(page, '__nuxt_session__')
    await panel.getByRole('tab', { name: 'Create' }).click()
    await panel.getByRole('button', { name: 'Log in as admin' }).click()
    await expect.poll(() => shownSession(page), { timeout: 10_000 }).toMatchObject({ visits: 1, user: { name: 'Grace Hopper' } })
    // Only DevTools 3 opens itself again.
    if (DEVTOOLS.connectsOnce) await DEVTOOLS.embed(page)
    const reloaded = await frameOf(page, '__nuxt_session__')
    await reloaded.getByRole('option').filter({ hasText: id.slice(0, 8) }).filter({ hasText: 'replaced by DevTools' }).waitFor()
    await page.close()
  })
})

/** Opens the row that a request adds to the list of requests. */
async function openEvent(texts: string[], request: () => Promise<unknown>): Promise<Locator> {
  const events = eventOf(devtools.panel, ...texts)
  const before = await events.count()
  await request()
  await expect.poll(() => events.count(), { timeout: 10_000 }).toBeGreaterThan(before)
  const event = events.first()
  await event.getByRole('button').first().click()
  return event
}

function eventOf(panel: PanelView, ...texts: string[]) {
  return texts.reduce((events, hasText) => events.filter({ hasText }), panel.getByRole('listitem'))
}
