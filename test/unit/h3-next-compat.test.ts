import { clearSession, updateSession, useSession } from 'h3-next'
import { updateSession as updateV1 } from 'h3'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SessionConfig } from '../../src/runtime/core/model/types'
import { PASSWORD, TestApp } from './support/app'
import { SharedBrowser, useOurs } from './support/h3'

const ITERATIONS_OF_V2 = { encryption: { iterations: 8192 }, integrity: { iterations: 8192 } } as SessionConfig['seal']
const NEXT_CONFIG = { password: PASSWORD }
const STRICT = { ...NEXT_CONFIG, legacySealFallback: false }
const LARGE = { text: 'x'.repeat(4000) }
let app: TestApp
let browser: SharedBrowser

beforeEach(() => {
  app = new TestApp({ seal: ITERATIONS_OF_V2 })
  app.env.time = Date.now()
  browser = new SharedBrowser()
})

describe('h3 2.0.8, with its 8192 iterations in our seal option', () => {
  it('reads our session without its fallback, and we read its', async () => {
    const { result } = await browser.visit(async event => (await useOurs(app, event)).update({ a: 1 }))
    const theirs = await browser.visitNext(async event => ({ ...await updateSession(event, STRICT, { b: 2 }) }))
    expect(theirs.result).toMatchObject({ id: result.id, createdAt: result.createdAt, data: { a: 1, b: 2 } })
    const ours = await browser.visit(event => useOurs(app, event))
    expect(ours.result).toMatchObject({ id: result.id, data: { a: 1, b: 2 } })
    expect(ours.lines).toEqual([])
  })

  it('creates sessions that we continue', async () => {
    const { result } = await browser.visitNext(event => useSession(event, NEXT_CONFIG))
    expect((await browser.visit(event => useOurs(app, event))).result).toMatchObject({ id: result.id, isNew: false })
  })

  it('shares lastSeenAt, maxAge and idleTimeout with us', async () => {
    const options = { maxAge: 60, idleTimeout: 30 }
    await browser.visitNext(event => updateSession(event, { ...NEXT_CONFIG, ...options }, { a: 1 }))
    const { result } = await browser.visit(event => useOurs(app, event, options))
    expect(result.data).toEqual({ a: 1 })
    app.pass(35)
    await browser.visit(event => useOurs(app, event, options))
    expect(app.env.reasons).toEqual([expect.stringMatching(/^(idle|expired)$/)])
  })

  it.each<[what: string, value: object]>([['small', { a: 1 }], ['in chunks', LARGE]])('takes turns with us on a session that is %s', async (_, value) => {
    await browser.visitNext(event => updateSession(event, NEXT_CONFIG, value))
    expect((await browser.visit(async event => (await useOurs(app, event)).update({ b: 2 }))).result.data).toEqual({ ...value, b: 2 })
    const { result } = await browser.visitNext(async event => ({ ...(await updateSession(event, NEXT_CONFIG, { c: 3 })).data }))
    expect(result).toEqual({ ...value, b: 2, c: 3 })
    expect((await browser.visit(event => useOurs(app, event))).result.data).toEqual({ ...value, b: 2, c: 3 })
  })

  it('clears our chunks, and we clear its', async () => {
    await browser.visit(async event => (await useOurs(app, event)).update(LARGE))
    expect(browser.jar.names).toEqual(['h3', 'h3.1', 'h3.2'])
    await browser.visitNext(event => clearSession(event, NEXT_CONFIG))
    expect(browser.jar.names).toEqual([])
    await browser.visitNext(event => updateSession(event, NEXT_CONFIG, LARGE))
    expect(browser.jar.names).toEqual(['h3', 'h3.1', 'h3.2'])
    await browser.visit(async event => (await useOurs(app, event)).clear())
    expect(browser.jar.names).toEqual([])
  })

  it('shrinks our chunks, and we shrink its', async () => {
    await browser.visit(async event => (await useOurs(app, event)).update(LARGE))
    await browser.visitNext(event => updateSession(event, NEXT_CONFIG, { text: '' }))
    expect(browser.jar.names).toEqual(['h3'])
    await browser.visitNext(event => updateSession(event, NEXT_CONFIG, LARGE))
    await browser.visit(async event => (await useOurs(app, event)).update({ text: '' }))
    expect(browser.jar.names).toEqual(['h3'])
  })
})

describe('seals of one iteration', () => {
  it('of ours are read by h3 v2 with its fallback, and sealed again', async () => {
    const fast = new TestApp()
    fast.env.time = app.env.time
    await browser.visit(async event => (await useOurs(fast, event)).update({ a: 1 }))
    const { result, lines } = await browser.visitNext(async event => ({ ...(await useSession(event, NEXT_CONFIG)).data }))
    expect(result).toEqual({ a: 1 })
    expect(lines).toHaveLength(1)
    expect((await browser.visit(event => useOurs(app, event))).result.data).toEqual({ a: 1 })
  })

  it('of h3 v1 are read with legacySealFallback, and sealed again for h3 v2', async () => {
    await browser.visit(event => updateV1(event, NEXT_CONFIG, { a: 1 }))
    const { result, lines } = await browser.visit(event => useOurs(app, event, { legacySealFallback: true }))
    expect([result.data, lines.length]).toEqual([{ a: 1 }, 1])
    expect((await browser.visitNext(async event => ({ ...(await useSession(event, STRICT)).data }))).result).toEqual({ a: 1 })
  })

  it('of h3 v1 are rejected without it', async () => {
    await browser.visit(event => updateV1(event, NEXT_CONFIG, { a: 1 }))
    expect((await browser.visit(event => useOurs(app, event))).result.data).toEqual({})
    expect(app.env.reasons).toEqual(['tampered'])
  })
})
