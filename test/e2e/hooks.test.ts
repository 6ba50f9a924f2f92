import { describe, expect, it } from 'vitest'
import { Browser } from './support/browser'
import { hooksOf } from './support/hooks'
import { openSeal, payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'

const NUXT_SESSION_PASSWORD = testPassword()
const HOOKS = ['session:create', 'session:load', 'session:update', 'session:regenerate', 'session:clear', 'session:reject'] as const

describe('hooks', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  async function visitor(data: Record<string, unknown> = { a: 1 }) {
    const browser = new Browser(server)
    browser.jar.set('h3', await sealPayload(payload({ id: 'known', data }), NUXT_SESSION_PASSWORD))
    return browser
  }

  const ops = (browser: Browser, wish: string, ...names: string[]) =>
    browser.ops(names.map(op => ({ op, args: op === 'update' ? [{ b: 2 }] : [] })), { headers: { 'x-test-hook': wish } })

  it('run in order, each once, with what is about to be committed', async () => {
    const answer = await ops(new Browser(server), 'tell', 'update', 'regenerate', 'clear')
    const seen = hooksOf(answer)
    expect(seen.map(({ hook }) => hook)).toEqual(['session:create', 'session:update', 'session:regenerate', 'session:clear'])
    expect(seen.map(({ data }) => data)).toEqual([{}, { b: 2 }, { b: 2 }, { b: 2 }])
    expect(seen[2]!.info).toEqual({ name: 'h3', transport: 'none', previousId: seen[0]!.id })
    expect(seen[2]!.id).not.toBe(seen[0]!.id)
  })

  it('a known visitor\'s session is loaded, not created', async () => {
    const seen = hooksOf(await ops(await visitor(), 'tell', 'update'))
    expect(seen.map(({ hook, id, info }) => [hook, id, info])).toEqual([
      ['session:load', 'known', { name: 'h3', transport: 'cookie' }],
      ['session:update', 'known', { name: 'h3', transport: 'cookie' }],
    ])
  })

  it('get the transport, and never a seal or a password', async () => {
    const token = await sealPayload(payload({ id: 'by-header' }), NUXT_SESSION_PASSWORD)
    const answer = await new Browser(server).ops([{ op: 'increment' }], { headers: { 'x-test-hook': 'tell', 'x-h3-session': token } })
    expect(hooksOf(answer).map(({ info }) => info.transport)).toEqual(['header', 'header'])
    const told = decodeURIComponent(answer.headers.get('x-hooks')!)
    expect(told).not.toContain('Fe26')
    expect(told).not.toContain(NUXT_SESSION_PASSWORD)
  })

  it('a session after clear is created', async () => {
    const seen = hooksOf(await ops(await visitor(), 'tell', 'clear', 'update'))
    expect(seen.map(({ hook }) => hook)).toEqual(['session:load', 'session:clear', 'session:create', 'session:update'])
  })

  it.each([
    ['session:update', 'update'], ['session:regenerate', 'regenerate'], ['session:clear', 'clear'],
  ])('a throw in %s aborts the commit: no cookie, and everything stays', async (hook, op) => {
    const browser = await visitor()
    const before = browser.jar.get('h3')
    const answer = await ops(browser, `throw ${hook}`, op)
    expect(answer.body.error?.message).toBe('refused by the hook')
    expect(answer.setCookies).toEqual([])
    expect(browser.jar.get('h3')).toBe(before)
    expect((await browser.ops([])).body).toMatchObject({ id: 'known', data: { a: 1 } })
  })

  it('a throw that the handler does not catch answers 500 without a cookie', async () => {
    for (const hook of ['session:load', 'session:update']) {
      const answer = await (await visitor()).request('/api/count', { headers: { 'x-test-hook': `throw ${hook}` } })
      expect(answer, hook).toMatchObject({ status: 500, setCookies: [] })
      expect(answer.text).not.toContain('refused by the hook')
    }
    const fresh = await new Browser(server).request('/api/count', { headers: { 'x-test-hook': 'throw session:create' } })
    expect(fresh).toMatchObject({ status: 500, setCookies: [] })
  })

  it('info.reject in session:load rejects the session with the app\'s reason', async () => {
    const browser = await visitor()
    const answer = await ops(browser, 'reject session:load')
    const seen = hooksOf(answer)
    expect(seen.map(({ hook }) => hook)).toEqual(['session:load', 'session:reject', 'session:create'])
    expect(seen[1]!.info).toMatchObject({ name: 'h3', reason: 'banned' })
    expect(answer.body).toMatchObject({ isNew: true, data: {} })
    expect(answer.body.id).not.toBe('known')
    expect((await browser.ops([])).body).toMatchObject({ id: answer.body.id, data: {} })
  })

  it('the session of session:reject has no data of the rejected one', async () => {
    const seen = hooksOf(await ops(await visitor(), 'reject session:load'))
    expect(seen[1]).toMatchObject({ hook: 'session:reject', data: {} })
    expect(seen[1]!.id).not.toBe('known')
  })

  it.each([
    ['session:create', [], {}], ['session:load', [], { a: 1 }], ['session:update', ['update'], { a: 1, b: 2 }],
    ['session:regenerate', ['regenerate'], { a: 1 }],
  ])('a write in %s belongs to the same commit', async (hook, names, data) => {
    const browser = hook === 'session:create' ? new Browser(server) : await visitor()
    const answer = await ops(browser, `write ${hook}`, ...names)
    expect(answer.setCookies).toHaveLength(1)
    expect(await openSeal(answer.setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ data: { ...data, byHook: hook } })
    expect(hooksOf(answer).filter(seen => seen.hook === hook), 'it does not call itself').toHaveLength(1)
    expect((await browser.ops([])).body.data).toEqual({ ...data, byHook: hook })
  })

  it.each(HOOKS)('useSession inside %s returns the same state, without a deadlock', async (hook) => {
    const known = await visitor()
    const browser = hook === 'session:create' || hook === 'session:reject' ? new Browser(server) : known
    if (hook === 'session:reject') browser.jar.set('h3', 'garbage')
    const seen = hooksOf(await ops(browser, `use ${hook}`, 'update', 'regenerate', 'clear'))
    const at = seen.findIndex(entry => entry.hook === hook)
    expect(at).toBeGreaterThanOrEqual(0)
    expect(seen[at + 1]).toMatchObject({ hook: 'inside', id: seen[at]!.id })
  })
})
