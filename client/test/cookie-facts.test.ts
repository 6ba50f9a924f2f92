import { describe, expect, it } from 'vitest'
import { cookieFacts, cookieVerdict, passwordText } from '../src/lib/cookie-facts'
import { session } from './session'

const LIMITS = { cookieBytes: 4096, sealLength: 16_384, cookies: { main: { maxBytes: 7168, chunkMaxLength: 4000 } }, requests: 500, sessions: 500, stored: 100 }

it('describes which password sealed the cookie', () => {
  expect([0, 1, undefined].map(passwordIndex => passwordText({ passwordIndex }))).toEqual([
    'the current password', 'a rotated password, number 2 in the list', 'a password that was not recorded',
  ])
  expect(passwordText({ passwordIndex: 0, isFallback: true })).toContain('one iteration')
})

describe('cookieFacts', () => {
  it('warns of insecure attributes and rotated passwords', () => {
    const cookie = { attributes: { httpOnly: false, secure: false, partitioned: false }, passwordIndex: 2, comesBack: 'always' as const, problems: [] }
    const warnings = cookieFacts(cookie, session(), LIMITS, 0).filter(({ tone }) => tone === 'warn').map(({ label }) => label)
    expect(warnings).toEqual(['HttpOnly', 'Secure', 'Sealed with'])
  })

  it.each([
    ['Lax', 'Lax, from other sites only with links'],
    ['Strict', 'Strict, not with requests from other sites, links included'],
    ['None', 'None'],
  ])('tells which requests from other sites have a cookie with SameSite=%s', (sameSite, text) => {
    const cookie = { attributes: { httpOnly: true, secure: true, partitioned: false, sameSite }, comesBack: 'always' as const, problems: [] }
    expect(cookieFacts(cookie, session(), LIMITS, 0).find(({ label }) => label === 'SameSite')?.value).toBe(text)
  })
})

it('tells whether a cookie will come back, and where', () => {
  const origin = 'http://localhost:3000'
  const attributes = (sameSite?: string) => ({ attributes: { httpOnly: true, secure: false, partitioned: false, sameSite } })
  expect(cookieVerdict({ comesBack: 'always', origin, ...attributes('None') })).toBe('Yes. Browsers store this cookie and send it with every request to http://localhost:3000.')
  expect(cookieVerdict({ comesBack: 'always', origin, ...attributes('Lax') })).toBe('Yes. Browsers store this cookie and send it with every request to http://localhost:3000 from the same site.')
  expect(cookieVerdict({ comesBack: 'sometimes', origin, ...attributes() })).toBe('Yes, but not from every browser or with every request to http://localhost:3000:')
  expect(cookieVerdict({ comesBack: 'never', ...attributes() })).toBe('No. Browsers do not send this cookie:')
  expect(cookieVerdict({ comesBack: 'always', ...attributes('None') }, { label: 'never came back' }))
    .toBe('Yes. Browsers store this cookie and send it with every request. But this session is marked “never came back”: the sentence above says why.')
})
