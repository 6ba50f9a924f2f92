import { describe, expect, it } from 'vitest'
import { confirmRenewals } from '../../src/runtime/core/session/state'
import type { SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { openSeal } from './support/app'
import type { TestApp, TestBrowser, Visit } from './support/app'
import { FakeTransport } from './support/transport'
import type { FakeRequest } from './support/transport'
import { valueOf } from './support/jar'
import { lose, recordsOf, storedApp, write } from './support/stored'

const MINUTE = 60
const IDLE = 30 * MINUTE
const DAY = 24 * 3600

const read = ({ use }: Visit) => use()
const update = async ({ use }: Visit) => (await use()).update({ seen: true })

async function given(config: SessionRuntimeConfig = {}) {
  const app = storedApp({ idleTimeout: IDLE, ...config })
  const browser = app.browser()
  await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
  return { app, browser, start: app.env.time }
}

const userOf = async (browser: TestBrowser) => (await browser.visit(async ({ use }) => (await use()).userId)).result
const recordTime = (app: TestApp) => recordsOf(app).find(record => 'data' in record)?.lastSeenAt

describe('an active visitor of a store with an idle timeout', () => {
  it.each<[lost: string, handler: (visit: Visit) => Promise<unknown>, request: FakeRequest]>([
    ['a read that renews', read, {}],
    ['an update', update, {}],
    ['an update on a socket', update, { writeRefusal: 'readonly' }],
    ['an update after the headers were sent', update, { writeRefusal: 'headers-sent' }],
  ])('stays though the cookie of %s never arrives', async (_, handler, request) => {
    const { app, browser } = await given()
    app.pass(16 * MINUTE)
    await lose(app, browser, handler, request)
    const users = []
    for (let visit = 0; visit < 20; visit++) {
      app.pass(4 * MINUTE)
      users.push(await userOf(browser))
    }
    expect(users).toEqual(Array.from({ length: 20 }, () => 'ada'))
  })

  it('stays even if every second response is lost', async () => {
    const { app, browser } = await given()
    for (let visit = 0; visit < 20; visit++) {
      app.pass(7 * MINUTE)
      await lose(app, browser, read)
      app.pass(7 * MINUTE)
      expect(await userOf(browser)).toBe('ada')
    }
  })

  it('gets a seal for the full window after a lost one, once, without a write of the record', async () => {
    const { app, browser } = await given()
    app.pass(16 * MINUTE)
    await lose(app, browser, read)
    const touched = app.env.time
    app.pass(12 * MINUTE)
    const { lines } = await browser.visit(read)
    expect(await openSeal(valueOf(lines, 'h3'))).toMatchObject({ sealedAt: app.env.time })
    expect(lines[0]).toContain(`Expires=${new Date(app.env.time + IDLE * 1000).toUTCString()}`)
    expect(recordTime(app)).toBe(touched)
    app.pass(2 * MINUTE)
    expect((await browser.visit(read)).lines).toEqual([])
  })

  it('stays when the idle timeout is lengthened', async () => {
    const { app, browser } = await given()
    app.pass(MINUTE)
    app.config.idleTimeout = 4 * IDLE
    for (let visit = 0; visit < 20; visit++) {
      expect(await userOf(browser)).toBe('ada')
      app.pass(9 * MINUTE)
    }
  })

  it('whose seal has no time gets one with a time, once', async () => {
    const { app, browser } = await given()
    const { id, name } = await openSeal(browser.jar.get('h3'))
    browser.jar.set('h3', await app.sealText({ id, name }))
    const { lines } = await browser.visit(read)
    expect(await openSeal(valueOf(lines, 'h3'))).toEqual({ id, name, sealedAt: app.env.time, userId: 'ada' })
    expect((await browser.visit(read)).lines).toEqual([])
  })
})

describe('no cookie is sent by a read', () => {
  it('if seal and record are recent', async () => {
    const { app, browser } = await given()
    app.pass(14 * MINUTE)
    expect((await browser.visit(read)).lines).toEqual([])
  })

  it('for a session without lifetimes, however old its seal is', async () => {
    const { app, browser } = await given({ idleTimeout: '' })
    for (let day = 0; day < 60; day += 10) {
      app.pass(10 * DAY)
      expect((await browser.visit(read)).lines).toEqual([])
    }
    expect(await userOf(browser)).toBe('ada')
  })

  it('with an absolute lifetime only', async () => {
    const { app, browser } = await given({ idleTimeout: '', maxAge: 10 * DAY })
    app.pass(9 * DAY)
    expect((await browser.visit(read)).lines).toEqual([])
  })

  it('that came by header, or on a socket', async () => {
    const { app, browser, start } = await given()
    const token = browser.jar.get('h3')!
    app.pass(20 * MINUTE)
    const byHeader = await app.browser().visit(read, { headers: { 'x-h3-session': token } })
    expect([byHeader.lines, byHeader.transport.responseHeaders]).toEqual([[], {}])
    await browser.visit(read, { writeRefusal: 'readonly' })
    expect(recordTime(app)).toBe(start)
  })
})

describe('a renewal is confirmed before the headers go out', () => {
  /** A visit that renews, and the cookies of its final response. */
  async function renewed(meanwhile: (given: { app: TestApp, visit: Visit }) => Promise<unknown>, byHeader = false) {
    const { app, browser } = await given()
    app.pass(16 * MINUTE)
    const token = browser.jar.get('h3')!
    const visit = app.request(new FakeTransport(byHeader ? { headers: { 'x-h3-session': token } } : { cookie: `h3=${token}` }))
    await (byHeader ? update(visit) : read(visit))
    const sent = visit.transport.setCookies()
    await meanwhile({ app, visit })
    await confirmRenewals(visit.transport.states)
    return { sent, lines: visit.transport.setCookies(), headers: visit.transport.responseHeaders, app }
  }

  const end = async ({ app }: { app: TestApp }) => app.env.storeOf(app.resolve()).raiseEpoch('ada')

  it('stays while its session is alive', async () => {
    const { sent, lines } = await renewed(async () => undefined)
    expect(sent).toHaveLength(1)
    expect(lines).toEqual(sent)
  })

  it('is taken back if the session has ended', async () => {
    expect((await renewed(end)).lines).toEqual([])
    expect(await renewed(end, true)).toMatchObject({ lines: [], headers: {} })
  })

  it('is taken back if the store does not answer, since the next read renews again', async () => {
    const { lines } = await renewed(async ({ app }) =>
      Object.assign(app.env.storeOf(app.resolve()), { get: () => Promise.reject(new Error('gone')) }))
    expect(lines).toEqual([])
  })

  it('does not change a cookie that the same request has sent since', async () => {
    const { lines, app } = await renewed(async ({ visit }) => (await visit.use()).regenerate())
    expect(await openSeal(valueOf(lines, 'h3'))).toMatchObject({ id: `id-${app.env.ids}` })
    const cleared = await renewed(async ({ visit }) => (await visit.use()).clear())
    expect(valueOf(cleared.lines, 'h3')).toBe('')
  })

  it('costs nothing on a request that renews nothing', async () => {
    const { browser } = await given()
    const { transport } = await browser.visit(read)
    expect(confirmRenewals(transport.states)).toBeUndefined()
  })
})

describe('a seal of a reference', () => {
  it('with an invalid time is malformed', async () => {
    const { app } = await given()
    for (const sealedAt of ['yesterday', null, {}]) {
      const cookie = `h3=${await app.sealText({ id: 'a', name: 'h3', sealedAt })}`
      await write(app.browser(), {})
      await app.browser().visit(read, { cookie })
    }
    expect(app.env.reasons).toEqual(['malformed', 'malformed', 'malformed'])
  })

  it('with an invalid user is malformed', async () => {
    const { app } = await given()
    for (const userId of ['', 7, null, {}]) await app.browser().visit(read, { cookie: `h3=${await app.sealText({ id: 'a', name: 'h3', userId })}` })
    expect(app.env.reasons).toEqual(['malformed', 'malformed', 'malformed', 'malformed'])
  })

  it('has the user only to save a read: the record says whose session it is', async () => {
    const app = storedApp()
    const browser = app.browser()
    const { result: { id } } = await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada' }))
    for (const userId of [undefined, 'ada', 'bob']) {
      const cookie = `h3=${await app.sealText({ id, name: 'h3', userId })}`
      expect((await app.browser().visit(async ({ use }) => (await use()).userId, { cookie })).result).toBe('ada')
    }
  })

  it('of a user with a long id does not have it', async () => {
    const app = storedApp()
    const userId = 'x'.repeat(65)
    const { lines } = await app.browser().visit(async ({ use }) => (await use()).regenerate({ userId }))
    expect(await openSeal(valueOf(lines, 'h3'))).toEqual({ id: 'id-2', name: 'h3', sealedAt: app.env.time })
  })
})
