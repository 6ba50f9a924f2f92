import { describe, expect, it } from 'vitest'
import { cookieFacts, passwordText, recordText, sizeShare, sizeText, sizeTone } from '../src/lib/cookie-facts'
import { session } from './session'

const LIMITS = { cookieBytes: 4096, maxBytes: 16_384, requests: 500, sessions: 500, stored: 100 }

it('compares one cookie with the limit of a cookie, and chunks with their common limit', () => {
  expect(sizeShare({ bytes: 2048, chunks: 1 }, LIMITS)).toBe(0.5)
  expect(sizeShare({ bytes: 8192, chunks: 3 }, LIMITS)).toBe(0.5)
  expect(sizeShare({ bytes: 9000, chunks: 1 }, LIMITS)).toBe(1)
  expect(sizeTone({ bytes: 3900, chunks: 1 }, LIMITS)).toBe('warn')
  expect([{ bytes: 412, chunks: 1 }, { bytes: 8192, chunks: 3 }, { bytes: 0, chunks: 0 }].map(size => sizeText(size, LIMITS)))
    .toEqual(['412 of 4096 bytes', '8.0 KB in 3 cookies, at most 16.0 KB', 'not sent yet'])
})

it('gives the sizes of a stored session\'s record and of its cookie', () => {
  expect(recordText({ recordBytes: 300_000, bytes: 412 })).toBe('293.0 KB in the store, and a reference of 412 B in the cookie')
  expect(recordText({ recordBytes: 500, bytes: 0 })).toBe('500 B in the store')
})

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
})
