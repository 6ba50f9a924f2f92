import { beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until'
import { Browser, visit } from './support/browser'
import { buildApp } from './support/build'
import { payload, sealPayload } from './support/seals'
import { failToStart, testPassword, testServer } from './support/server'
import { variableOf } from './support/targets'

beforeAll(() => buildApp('main'))

describe('a built server at start-up', () => {
  it('reports a missing password on stderr with the fix, and runs', async () => {
    const server = await testServer('main')
    expect(server.stderr).toContain('SESSION_PASSWORD_MISSING')
    expect(server.stderr).toContain(variableOf('NUXT_SESSION_PASSWORD'))
    expect(server.stderr.match(/SESSION_PASSWORD_MISSING/g), 'said once').toHaveLength(1)
    expect((await visit(server, '/')).status).toBe(200)
    expect((await visit(server, '/seed/count')).status).toBe(200)
  })

  it('answers 500 with SESSION_PASSWORD_MISSING if a session is used then, and sends nothing', async () => {
    const server = await testServer('main')
    expect(await visit(server, '/api/visit')).toMatchObject({ status: 500, setCookies: [] })
    expect((await new Browser(server).ops([])).body.error).toMatchObject({ code: 'SESSION_PASSWORD_MISSING', statusCode: 500 })
  })

  it('warns about a misspelled variable, which has no effect, and does not show its value', async () => {
    const server = await testServer('main', {
      NUXT_SESSION_PASSWORD: testPassword(), NUXT_SESSION_MAXAGE: '3601', NUXT_SESSION_COOKIE_SAMESITE: 'strict', NUXT_SESSION_MAX_AGE: '3600', NUXT_SESSION_OTHER: '1',
    })
    // The code of the check is loaded while the server starts.
    await until(() => server.stderr.split('sets no option').length === 3)
    for (const [wrong, right] of [['MAXAGE', 'MAX_AGE'], ['COOKIE_SAMESITE', 'COOKIE_SAME_SITE']] as const)
      expect(server.stderr).toContain(`${variableOf(`NUXT_SESSION_${wrong}`)} sets no option. Did you mean ${variableOf(`NUXT_SESSION_${right}`)}?`)
    expect(new Set(server.stderr.match(/\w+ sets no option/g)).size).toBe(2)
    expect(server.stderr).not.toContain('3601')
  })

  it('reports nothing if all is well', async () => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD: testPassword() })
    expect(server.stderr).toBe('')
  })

  it.each([
    ['a weak password', 'short-secret-of-31-characters-1'],
    ['a weak password in an array', JSON.stringify([testPassword(), 'short-secret-of-31-characters-1'])],
    ['a weak password that looks like a number', '20262026'],
    ['a weak password that looks like JSON', 'true'],
    ['an array of weak numbers', '[20262026]'],
  ])('ends with SESSION_PASSWORD_WEAK for %s, and does not show it', async (_, NUXT_SESSION_PASSWORD) => {
    const { code, output, stderr } = await failToStart('main', { NUXT_SESSION_PASSWORD })
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('SESSION_PASSWORD_WEAK')
    expect(stderr).toContain(variableOf('NUXT_SESSION_PASSWORD'))
    expect(output).not.toContain('short-secret')
    expect(output).not.toContain('20262026')
    expect(output).not.toContain('test-only-')
  })

  it.each([
    [{ password: 'short' }, 'SESSION_PASSWORD_WEAK'],
    [{ password: ['x'.repeat(32), 'short'] }, 'SESSION_PASSWORD_WEAK'],
    [{ name: 'no cookie name;' }, 'SESSION_CONFIG_INVALID'],
    [{ maxAge: 'soon' }, 'SESSION_CONFIG_INVALID'],
    [{ idleTimeout: -1 }, 'SESSION_CONFIG_INVALID'],
    [{ cookie: 'none' }, 'SESSION_CONFIG_INVALID'],
    [{ cookie: { path: '/; Domain=evil.example' } }, 'SESSION_CONFIG_INVALID'],
    [{ sessionHeader: 'no header' }, 'SESSION_CONFIG_INVALID'],
    [{ seal: { encryption: { iterations: 0 } } }, 'SESSION_CONFIG_INVALID'],
  ])('a call\'s config %j throws %s', async (config, code) => {
    const server = await testServer('main', { NUXT_SESSION_PASSWORD: testPassword() })
    const { body, setCookies } = await new Browser(server).ops([], { config })
    expect(body.error).toMatchObject({ code, statusCode: 500, name: 'SessionError' })
    expect(setCookies).toEqual([])
  })

  it('ends with SESSION_PASSWORD_WEAK for a weak password of a named session', async () => {
    const { code, stderr } = await failToStart('main', {
      NUXT_SESSION_PASSWORD: testPassword(), NUXT_SESSION_NAMED_CART_PASSWORD: 'short',
    })
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('SESSION_PASSWORD_WEAK')
  })
})

describe('a server\'s log', () => {
  it('never contains a password, a seal or session data, whatever fails', async () => {
    const NUXT_SESSION_PASSWORD = testPassword()
    const server = await testServer('main', { NUXT_SESSION_PASSWORD })
    const token = await sealPayload(payload({ id: 'id-of-the-session', data: { secret: 'data-of-the-session' } }), NUXT_SESSION_PASSWORD)
    server.secrets.add(token)
    const cookie = `h3=${token}`
    for (const kind of ['throw', 'crash', 'redirect']) await visit(server, `/api/responses?kind=${kind}`, { cookie })
    for (const path of ['/api/isr', '/api/rule-cached', '/api/cached']) await visit(server, path, { cookie })
    for (const hook of ['load', 'update']) await visit(server, '/api/count', { cookie, 'x-test-hook': `throw session:${hook}` })
    const browser = new Browser(server)
    browser.jar.set('h3', token)
    await browser.ops([{ op: 'unserializable', args: ['cycle'] }])
    await browser.ops([{ op: 'update', args: [{ secret: 'data-of-the-session'.repeat(1000) }] }])
    await visit(server, '/api/count', { cookie: `${cookie.slice(0, -1)}~` })
    expect(server.stderr, 'something was logged at all').toContain('crash for the test')
    for (const secret of [NUXT_SESSION_PASSWORD, token, token.slice(0, 60), 'id-of-the-session', 'data-of-the-session'])
      expect(server.log).not.toContain(secret)
  })
})
