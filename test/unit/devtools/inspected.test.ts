import { describe, expect, it } from 'vitest'
import { describeCookie, userLabel } from '../../../src/devtools/inspected'
import { observed } from './support/observed'

const LAX = 'Path=/; HttpOnly; SameSite=Lax'

describe('describeCookie', () => {
  it('reads the attributes of a Set-Cookie line', () => {
    const attributes = 'Max-Age=60; Domain=shop.test; Path=/a; Expires=Thu, 01 Jan 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict; Partitioned'
    expect(facts({ attributes })).toMatchObject({
      attributes: { domain: 'shop.test', path: '/a', expires: Date.UTC(2026, 0, 1), httpOnly: true, secure: true, sameSite: 'Strict', partitioned: true },
    })
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
    ['Over plain HTTP', `${LAX}; Secure`, 'h3'],
    ['Without SameSite', 'Path=/', 'h3'],
    ['only to paths below /shop', 'Path=/shop; SameSite=Lax', 'h3'],
  ])('warns: %s', (text, attributes, name) => {
    expect(problems(attributes, { name }).join('\n')).toContain(text)
  })

  it('checks the size of a single cookie, not of chunks', () => {
    expect(problems(LAX, { bytes: 4096 })).toEqual([])
    expect(problems(LAX, { bytes: 4097 })).toEqual(['Browsers drop it: name and value have 4097 bytes, the limit is 4096.'])
    expect(problems(LAX, { bytes: 9000, chunks: 3 })).toEqual([])
  })
})

describe('userLabel', () => {
  it.each([
    [{ public: { name: 'Ada' }, user: { name: 'Lovelace' } }, 'Ada'],
    [{ public: { theme: 'dark' }, user: { login: 'ada' } }, 'ada'],
    [{ public: 'x', user: 7 }, '7'],
    [{}, undefined],
  ])('names the user of %j %s', (data, label) => {
    expect(userLabel(data, undefined)).toBe(label)
  })

  it('adds the user id, unless the name is the id', () => {
    expect(userLabel({ public: { name: 'Ada' } }, '42')).toBe('Ada (42)')
    expect(userLabel({ user: { id: 42 } }, '42')).toBe('42')
    expect(userLabel({}, '42')).toBe('42')
  })
})

function facts(message: Parameters<typeof observed>[0]) {
  return describeCookie(observed(message), undefined)
}

function problems(attributes: string, message: Parameters<typeof observed>[0] = {}): string[] {
  return facts({ attributes, ...message })!.problems
}
