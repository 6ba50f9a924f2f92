import { describe, expect, it } from 'vitest'
import type { RevealResponse } from '../../src/devtools/protocol'
import { appUrl, curlCommand, headerLine, storageState } from '../src/lib/export'

const URL = 'http://localhost:3000/'
const seal: RevealResponse = {
  cookies: [{ name: 'main', value: 'Fe26.2*a' }, { name: 'main.1', value: 'b' }],
  header: 'x-main-session',
  token: 'Fe26.2*ab',
  cookie: { path: '/', httpOnly: true, secure: false, sameSite: 'strict', partitioned: false, expires: 1_700_000_000_900 },
}

describe('appUrl', () => {
  it.each([
    ['/__nuxt_session__/api', 'http://localhost:3000/'],
    ['/shop/__nuxt_session__/api', 'http://localhost:3000/shop/'],
    ['/_sessions/api', 'http://localhost:3000/'],
    ['/elsewhere', 'http://localhost:3000/'],
  ])('of %s is %s', (api, url) => {
    expect(appUrl(api, 'http://localhost:3000')).toBe(url)
  })
})

describe('headerLine', () => {
  it('contains every chunk', () => {
    expect(headerLine(seal)).toBe('Cookie: main=Fe26.2*a; main.1=b')
  })

  it('is the session header if there are no cookies', () => {
    expect(headerLine({ ...seal, cookies: [] })).toBe('x-main-session: Fe26.2*ab')
  })
})

describe('curlCommand', () => {
  it('quotes for a shell', () => {
    expect(curlCommand(seal, URL)).toBe('curl \'http://localhost:3000/\' -H \'Cookie: main=Fe26.2*a; main.1=b\'')
    expect(curlCommand({ ...seal, cookies: [{ name: 'a', value: 'it\'s' }] }, URL)).toContain(`'Cookie: a=it'\\''s'`)
  })
})

describe('storageState', () => {
  it('has the format that Playwright loads', () => {
    const state = JSON.parse(storageState(seal, URL)) as unknown
    const common = { domain: 'localhost', path: '/', expires: 1_700_000_000, httpOnly: true, secure: false, sameSite: 'Strict' }
    expect(state).toEqual({ cookies: [{ name: 'main', value: 'Fe26.2*a', ...common }, { name: 'main.1', value: 'b', ...common }], origins: [] })
  })

  it('defaults to a cookie without expiry and to SameSite=Lax', () => {
    const text = storageState({ ...seal, cookie: { httpOnly: true, secure: true, partitioned: false, domain: 'example.com' } }, URL)
    expect(JSON.parse(text)).toMatchObject({ cookies: [{ expires: -1, sameSite: 'Lax', domain: 'example.com' }, {}] })
  })
})
