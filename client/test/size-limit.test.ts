import { describe, expect, it } from 'vitest'
import { sizeExplanation, sizeLimit, sizeShare, sizeText, sizeTone } from '../src/lib/size-limit'
import { session } from './session'

const LIMITS = {
  cookieBytes: 4096, sealLength: 16_384, requests: 500, sessions: 500, stored: 100,
  cookies: { main: { maxBytes: 7168, chunkMaxLength: 4000 }, cart: { maxBytes: 2048, chunkMaxLength: 1000 }, big: { maxBytes: 60_000, chunkMaxLength: 4000 } },
}
const HEADER = session({ transport: 'header', bytes: 0 })
const H3 = session({ keeper: 'h3', name: 'auth', bytes: 1024 })
const STORED = session({ storage: 'kept', recordBytes: 300_000, bytes: 412 })

describe('the limit of a session', () => {
  it('is cookie.maxBytes of its name, in one cookie as in several', () => {
    expect([session(), session({ chunks: 2 }), session({ name: 'cart' })].map(each => sizeLimit(each, LIMITS))).toEqual([7168, 7168, 2048])
    expect(sizeLimit(session({ name: 'only-in-a-call' }), LIMITS)).toBe(7168)
  })

  it('is the length of a seal if cookie.maxBytes is above it', () => {
    const big = session({ name: 'big', bytes: 501 })
    expect(sizeText(big, LIMITS)).toBe('501 B of 16.0 KB')
    expect(sizeExplanation(big, LIMITS)).toBe('501 B of 16.0 KB. The limit of a seal is 16384 characters. cookie.maxBytes, 58.6 KB, is the limit for all session cookies of a request together, without those that the app rejects. A larger write throws SESSION_TOO_LARGE.')
  })

  it('is that of browsers for a session of h3, and none for a stored session or a header', () => {
    expect([H3, { ...H3, chunks: 2 }, STORED, HEADER].map(each => sizeLimit(each, LIMITS))).toEqual([4096, undefined, undefined, undefined])
  })
})

it('has the used share of the limit', () => {
  expect([3584, 9000].map(bytes => sizeShare(session({ bytes }), LIMITS))).toEqual([0.5, 1])
  expect([3584, 6000].map(bytes => sizeTone(session({ bytes }), LIMITS))).toEqual(['good', 'warn'])
  expect(sizeShare(STORED, LIMITS)).toBe(0)
})

it.each([
  [session({ bytes: 412 }), '412 B of 7.0 KB'],
  [session({ bytes: 5018, chunks: 2 }), '4.9 KB of 7.0 KB, in 2 cookies'],
  [session({ bytes: 0 }), 'not sent yet'],
  [H3, '1.0 KB of 4.0 KB'],
  [{ ...H3, bytes: 8192, chunks: 3 }, '8.0 KB, in 3 cookies'],
  [HEADER, 'sent in a header, not in a cookie'],
  [STORED, '293.0 KB in the store “kept”'],
  [{ ...STORED, ended: 'gone' as const }, '293.0 KB when last seen in the store “kept”'],
  [{ ...STORED, rejected: { at: 1, method: 'GET', path: '/' } }, '293.0 KB when last seen in the store “kept”'],
])('gives a size with its limit, in one style: %#', (of, text) => {
  expect(sizeText(of, LIMITS)).toBe(text)
})

it('explains which limit counts, and what happens beyond it', () => {
  expect(sizeExplanation(session({ bytes: 5018, chunks: 2 }), LIMITS)).toBe('4.9 KB of 7.0 KB, in 2 cookies. The limit, cookie.maxBytes, is for all session cookies of a request together, without those that the app rejects. A larger write throws SESSION_TOO_LARGE. A seal of more than 4000 characters is split (cookie.chunkMaxLength).')
  expect(sizeExplanation(session({ bytes: 0 }), LIMITS)).toBe('Not sent yet. The limit, cookie.maxBytes, is 7.0 KB for all session cookies of a request together, without those that the app rejects. A larger write throws SESSION_TOO_LARGE.')
  expect(sizeExplanation(H3, LIMITS)).toBe('1.0 KB of 4.0 KB. Browsers drop a larger cookie, and h3 does not report that.')
  expect(sizeExplanation(STORED, LIMITS)).toBe('293.0 KB in the store “kept”, and a reference of 412 B in the cookie. The store sets the limit.')
  expect(sizeExplanation({ ...STORED, bytes: 0 }, LIMITS)).toBe('293.0 KB in the store “kept”. The store sets the limit.')
  expect(sizeExplanation(HEADER, LIMITS)).toBe('Sent in a header: no limit of cookies counts.')
})
