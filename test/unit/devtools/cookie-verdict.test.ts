import { describe, expect, it } from 'vitest'
import { describeCookie } from '../../../src/devtools/cookie-verdict'
import { observed } from './support/observed'

const LAX = 'Path=/; HttpOnly; SameSite=Lax'

describe('describeCookie', () => {
  it('reads the attributes of a Set-Cookie line', () => {
    const attributes = 'Domain=shop.test; Path=/a; Expires=Thu, 01 Jan 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict; Partitioned'
    expect(facts({ attributes })).toMatchObject({
      attributes: { domain: 'shop.test', path: '/a', expires: Date.UTC(2026, 0, 1), httpOnly: true, secure: true, sameSite: 'Strict', partitioned: true },
    })
    expect(facts({ attributes: 'Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT' })?.attributes).toMatchObject({ expires: 61_000 })
    expect(facts({ attributes: '' })?.attributes).toEqual({ httpOnly: false, secure: false, partitioned: false })
  })

  it('is undefined for a cookie that was never sent, and keeps what earlier responses showed', () => {
    expect(facts({})).toBeUndefined()
    const previous = facts({ attributes: LAX, passwordIndex: 1, isFallback: true })
    expect(describeCookie(observed({}), previous)).toEqual(previous)
    expect(describeCookie(observed({ attributes: 'Path=/b', passwordIndex: 0 }), previous)).toMatchObject({ attributes: { path: '/b' }, passwordIndex: 0 })
  })

  it('finds no problem in the default cookie of development', () => {
    expect(problems(LAX)).toEqual([])
  })

  it.each([
    ['SameSite=None needs Secure', 'Path=/; SameSite=None', 'h3'],
    ['Partitioned needs Secure', `${LAX}; Partitioned`, 'h3'],
    ['__Host- needs Secure', LAX, '__Host-h3'],
    ['__Host- needs Secure, Path=/ and no Domain', `${LAX}; Secure; Domain=a.test`, '__Host-h3'],
    ['__Host- needs Secure, Path=/ and no Domain', 'Path=/a; Secure; SameSite=Lax', '__host-h3'],
    ['__Secure- needs Secure', LAX, '__Secure-h3'],
    ['__Http- needs Secure and HttpOnly', LAX, '__Http-h3'],
    ['__Http- needs Secure and HttpOnly', 'Path=/; Secure; SameSite=Lax', '__http-h3'],
    ['__Host-Http- needs Secure, HttpOnly, Path=/ and no Domain', 'Path=/; Secure; SameSite=Lax', '__Host-Http-h3'],
    ['__Host-Http- needs Secure, HttpOnly, Path=/ and no Domain', 'Path=/a; Secure; HttpOnly; SameSite=Lax', '__Host-Http-h3'],
    ['Over plain HTTP', `${LAX}; Secure`, 'h3'],
    ['Without SameSite', 'Path=/', 'h3'],
    ['only to paths below /shop', 'Path=/shop; SameSite=Lax', 'h3'],
  ])('warns: %s', (text, attributes, name) => {
    expect(problems(attributes, { name }).join('\n')).toContain(text)
  })

  it.each(['__Http-h3', '__Host-Http-h3', '__Host-h3', '__Secure-h3', '__Https-h3'])('finds no problem in the cookie %s with what its prefix needs', (name) => {
    expect(problems(`${LAX}; Secure`, { name, origin: 'https://shop.test' })).toEqual([])
  })

  it('checks the size of a single cookie, not of chunks', () => {
    expect(problems(LAX, { bytes: 4096 })).toEqual([])
    expect(problems(LAX, { bytes: 4097 })).toEqual([expect.stringContaining('name and value have 4097 bytes, the limit is 4096.')])
    expect(problems(LAX, { bytes: 9000, chunks: 3 })).toEqual([])
  })
})

describe('whether a cookie comes back', () => {
  const verdict = (attributes: string, origin: string, message: Parameters<typeof observed>[0] = {}) => {
    const { comesBack, problems } = facts({ attributes, origin, ...message })!
    return [comesBack, ...problems.map(problem => problem.slice(0, 40))]
  }

  it.each<[string, string, string]>([
    ['always', LAX, 'http://localhost:3000'],
    ['always', `${LAX}; Secure`, 'https://shop.test'],
    ['sometimes', `${LAX}; Secure`, 'http://localhost:3000'],
    ['sometimes', `${LAX}; Secure`, 'http://127.0.0.1:3000'],
    ['sometimes', `${LAX}; Secure`, 'http://app.localhost:3000'],
    ['sometimes', `${LAX}; Secure`, 'http://[::1]:3000'],
    ['never', `${LAX}; Secure`, 'http://192.168.0.7:3000'],
    ['never', `${LAX}; Secure`, 'http://localhost.shop.test'],
    ['always', `${LAX}; Domain=.shop.test`, 'http://shop.test:8080'],
    ['always', `${LAX}; Domain=shop.test`, 'http://www.SHOP.test'],
    ['never', `${LAX}; Domain=shop.test`, 'http://localhost:3000'],
    ['never', `${LAX}; Domain=shop.test`, 'http://workshop.test'],
    ['never', `${LAX}; Domain=0.1`, 'http://127.0.0.1:3000'],
    ['sometimes', 'Path=/shop; SameSite=Lax', 'http://localhost:3000'],
    ['never', `${LAX}; Max-Age=0`, 'http://localhost:3000'],
    ['always', `${LAX}; Max-Age=60`, 'http://localhost:3000'],
    ['never', `${LAX}; Expires=Thu, 01 Jan 1970 00:00:00 GMT`, 'http://localhost:3000'],
  ])('is %s: %s at %s', (comesBack, attributes, origin) => {
    expect(verdict(attributes, origin)[0]).toBe(comesBack)
  })

  it('is judged by the response that set it, and keeps that verdict', () => {
    const dropped = facts({ attributes: `${LAX}; Secure`, origin: 'http://192.168.0.7:3000' })
    expect(describeCookie(observed({ passwordIndex: 1 }), dropped)).toMatchObject({ comesBack: 'never', origin: 'http://192.168.0.7:3000', passwordIndex: 1 })
    expect(describeCookie(observed({ attributes: LAX, origin: 'http://localhost:3000' }), dropped)).toMatchObject({ comesBack: 'always', problems: [] })
  })

  it('is never if it is too large, whatever its other problems are', () => {
    expect(verdict('Path=/shop; SameSite=Lax', 'http://localhost', { bytes: 5000 })).toEqual(['never', 'Browsers drop it: name and value have 50', 'Browsers send it only to paths below /sh'])
  })
})

function facts(message: Parameters<typeof observed>[0]) {
  return describeCookie(observed(message), undefined)
}

function problems(attributes: string, message: Parameters<typeof observed>[0] = {}): string[] {
  return facts({ attributes, ...message })!.problems
}
