import { describe, expect, it } from 'vitest'
import type { FakeTransport } from './support/transport'
import { TestApp, openSeal } from './support/app'
import { valueOf } from './support/jar'

const KNOWN = { id: 'of-h3', createdAt: 0, data: { a: 1 } }

/** The session that h3's own useSession sets in the request. */
function h3Loads(app: TestApp, transport: FakeTransport) {
  transport.sessions.h3 = { ...KNOWN, createdAt: app.env.time }
}

describe('event.context.sessions', () => {
  it('returns the session that h3 read before', async () => {
    const app = new TestApp()
    const { result, lines } = await app.browser().visit(async ({ use, transport }) => {
      h3Loads(app, transport)
      return (await use()).update({ b: 2 })
    })
    expect(result).toMatchObject({ id: 'of-h3', data: { a: 1, b: 2 } })
    expect(await openSeal(valueOf(lines, 'h3'))).toMatchObject({ id: 'of-h3', data: { a: 1, b: 2 } })
  })

  it('waits for a pending read of h3', async () => {
    const app = new TestApp()
    const { result } = await app.browser().visit(async ({ use, transport }) => {
      const entry = { id: '', createdAt: 0, data: {} }
      transport.sessions.h3 = entry
      const reading = new Promise(resolve => setImmediate(resolve)).then(() => Object.assign(entry, KNOWN, { createdAt: app.env.time }))
      Object.assign(entry, { [Symbol('getSession')]: reading })
      return use()
    })
    expect(result).toMatchObject({ id: 'of-h3', data: { a: 1 } })
  })

  it.each<[reason: string, entry: object, config: object]>([
    ['expired', { createdAt: 0 }, { maxAge: 60 }],
    ['foreign', {}, { acceptUnnamed: false }],
    ['foreign', { name: 'other' }, {}],
  ])('does not give us an %s session: %j', async (reason, entry, config) => {
    const app = new TestApp(config)
    const { result } = await app.browser().visit(async ({ use, transport }) => {
      transport.sessions.h3 = { ...KNOWN, createdAt: app.env.time, ...entry }
      return use()
    })
    expect([result.data, app.env.reasons]).toEqual([{}, [reason]])
  })

  it('ignores the stub that h3 leaves on a socket', async () => {
    const app = new TestApp()
    const cookie = `h3=${await app.seal({ data: { a: 1 } })}`
    const { result } = await app.browser().visit(async ({ use, transport }) => {
      transport.sessions.h3 = { id: '', createdAt: 0, data: {} }
      return use()
    }, { cookie, writeRefusal: 'readonly' })
    expect(result).toMatchObject({ id: 'sealed', data: { a: 1 } })
  })

  it('has the changes of h3 in place, and h3 has ours', async () => {
    await new TestApp().browser().visit(async ({ use, transport }) => {
      const session = await use()
      transport.sessions.h3!.data.byH3 = 1
      expect(session.data).toEqual({ byH3: 1 })
      await session.update({ byUs: 1 })
      expect(transport.sessions.h3).toMatchObject({ id: 'id-1', data: { byH3: 1, byUs: 1 } })
    })
  })

  it('is cleared by h3: nothing is restored, and the next write creates a new session', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).regenerate({ userId: 'ada', data: { a: 1 } }))
    await browser.visit(async ({ use, transport }) => {
      const session = await use()
      Reflect.deleteProperty(transport.sessions, 'h3')
      expect(session).toMatchObject({ id: undefined, data: {}, userId: undefined })
      expect(await use()).toMatchObject({ id: undefined, data: {} })
      expect(transport.writes).toBe(0)
      await session.update({ b: 2 })
      expect(session).toMatchObject({ data: { b: 2 }, userId: undefined, isNew: true })
    })
    expect(await browser.data()).toEqual({ b: 2 })
  })

  it('has no flash left after h3 cleared, and reading it writes nothing', async () => {
    const browser = new TestApp().browser()
    await browser.visit(async ({ use }) => (await use()).flash('key', 'old'))
    const { result, transport } = await browser.visit(async ({ use, transport }) => {
      const session = await use()
      Reflect.deleteProperty(transport.sessions, 'h3')
      return session.flash('key')
    })
    expect([result, transport.writes]).toEqual([undefined, 0])
  })

  it('has nothing of the old session for h3 after our clear', async () => {
    const app = new TestApp()
    const browser = app.browser()
    await browser.visit(async ({ use }) => (await use()).update({ a: 1 }))
    const { transport } = await browser.visit(async ({ use }) => (await use()).clear())
    expect(transport.sessions.h3?.data ?? {}).toEqual({})
    expect(transport.sessions.h3?.id).not.toBe('id-1')
  })

  it('keeps what h3 wrote after our clear', async () => {
    const browser = new TestApp().browser()
    const { result } = await browser.visit(async ({ use, transport }) => {
      const session = await use()
      await session.clear()
      // h3's updateSession takes the entry, merges into its data, seals it and sends it.
      const entry = transport.sessions.h3 ??= { id: 'by-h3', createdAt: 0, data: {} }
      entry.data.byH3 = 1
      transport.replaceSetCookies(['h3=sealed-by-h3; Path=/; HttpOnly; Secure'])
      return (await use()).update({ byUs: 1 })
    })
    expect(result.data).toEqual({ byH3: 1, byUs: 1 })
  })

  it('stays cleared beside a cookie of the same name for another path', async () => {
    const { result } = await new TestApp().browser().visit(async ({ use }) => {
      await (await use()).clear()
      return use()
    }, { lines: ['h3=of-another-path; Path=/admin'] })
    expect(result.id).toBeUndefined()
  })

  it('contains nothing of a load that failed', async () => {
    const app = new TestApp()
    app.env.on('session:load', () => { throw new Error('no') })
    const cookie = `h3=${await app.seal({ data: { a: 1 } })}`
    await app.browser().visit(async ({ use, transport }) => {
      await expect(use()).rejects.toThrow('no')
      expect(transport.sessions.h3).toBeUndefined()
    }, { cookie })
  })
})
