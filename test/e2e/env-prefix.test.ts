import { beforeAll, describe, expect, it } from 'vitest'
import { visit } from './support/browser'
import { buildApp } from './support/build'
import { openSeal } from './support/seals'
import { failToStart, testPassword, testServer } from './support/server'

describe('an app with its own envPrefix', () => {
  beforeAll(() => buildApp('small'))

  it('reads its options under that prefix', async () => {
    const APP_SESSION_PASSWORD = testPassword()
    const server = await testServer('small', {
      APP_SESSION_PASSWORD, APP_SESSION_NAME: 'Own', APP_SESSION_COOKIE_SAME_SITE: 'strict', APP_SESSION_MAX_AGE: '60',
    })
    const { setCookies } = await visit(server, '/api/count')
    expect(setCookies).toMatchObject([{ name: 'Own', attributes: { SameSite: 'Strict', Expires: expect.any(String) } }])
    expect(await openSeal(setCookies[0]!.value, APP_SESSION_PASSWORD)).toMatchObject({ data: { count: 1 } })
  })

  it('names its own variable if the password is missing', async () => {
    const server = await testServer('small')
    expect(server.stderr).toContain('APP_SESSION_PASSWORD')
    expect(server.stderr).not.toContain('NUXT_SESSION_PASSWORD')
    expect((await visit(server, '/api/count')).status).toBe(500)
  })

  it('names its own variable if the password is weak', async () => {
    const { code, stderr } = await failToStart('small', { APP_SESSION_PASSWORD: 'short' })
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain('SESSION_PASSWORD_WEAK')
    expect(stderr).toContain('APP_SESSION_PASSWORD')
  })
})
