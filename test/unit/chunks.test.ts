import { describe, expect, it } from 'vitest'
import { chunkName, joinChunks, namesOf, splitIntoChunks } from '../../src/runtime/core/cookie/cookies'

describe('splitIntoChunks', () => {
  it.each<[value: string, length: number, cookies: [string, string][]]>([
    ['', 3, [['s', '']]],
    ['abc', 3, [['s', 'abc']]],
    ['abcd', 3, [['s', '__chunked__2'], ['s.1', 'abc'], ['s.2', 'd']]],
    ['abcdef', 3, [['s', '__chunked__2'], ['s.1', 'abc'], ['s.2', 'def']]],
    ['abcdefg', 3, [['s', '__chunked__3'], ['s.1', 'abc'], ['s.2', 'def'], ['s.3', 'g']]],
  ])('of %j by %i', (value, length, cookies) => {
    expect([...splitIntoChunks('s', value, length)!]).toEqual(cookies)
  })

  it('makes 100 cookies and no more', () => {
    expect(splitIntoChunks('s', 'x'.repeat(100), 1)?.size).toBe(101)
    expect(splitIntoChunks('s', 'x'.repeat(101), 1)).toBeUndefined()
  })

  it('makes no cookie that browsers ignore, even with a long name', () => {
    const name = 'n'.repeat(500)
    const cookies = splitIntoChunks(name, 'x'.repeat(50_000), 5000)!
    for (const [key, value] of cookies) expect(key.length + value.length).toBeLessThanOrEqual(4096)
    expect(splitIntoChunks('n'.repeat(4096), 'x', 4000)).toBeUndefined()
  })
})

describe('joinChunks', () => {
  it.each<[cookies: Record<string, string>, value: string | undefined]>([
    [{}, undefined],
    [{ s: 'whole' }, 'whole'],
    [{ 's': 'whole', 's.1': 'stale' }, 'whole'],
    [{ 's': '__chunked__2', 's.1': 'a', 's.2': 'b' }, 'ab'],
    [{ 's': '__chunked__2', 's.1': 'a', 's.2': 'b', 's.3': 'stale' }, 'ab'],
    [{ 's': '__chunked__2', 's.2': 'b' }, ''],
    [{ 's': '__chunked__2', 's.1': 'a', 's.2': '' }, ''],
    [{ s: '__chunked__0' }, ''],
    [{ 's': '__chunked__-1', 's.1': 'a' }, ''],
    [{ 's': '__chunked__', 's.1': 'a' }, ''],
    [{ 's': '__chunked__NaN', 's.1': 'a' }, ''],
    [{ 's': '__chunked__1.5', 's.1': 'a' }, ''],
    [{ 's': '__chunked__1e1', 's.1': 'a' }, ''],
    [{ 's': '__chunked__101', 's.1': 'a' }, ''],
    [{ 's': '__chunked__99999999999999999999', 's.1': 'a' }, ''],
  ])('of %j is %o', (cookies, value) => {
    expect(joinChunks('s', cookies)).toBe(value)
  })

  it('reads no chunk if the number is invalid', () => {
    const cookies = new Proxy({ s: '__chunked__999999999' }, {
      get(target, key) {
        if (key !== 's') throw new Error(`looked for ${String(key)}`)
        return target.s
      },
    })
    expect(joinChunks('s', cookies as Record<string, string>)).toBe('')
  })
})

it('namesOf finds the session\'s cookies and no others', () => {
  const names = ['s', 's.1', 's.100', 's.101', 's.0', 's.01', 's.x', 's.1.2', 's1', 'ss', 'S', 'other']
  expect(namesOf('s', Object.fromEntries(names.map(name => [name, ''])))).toEqual(['s', 's.1', 's.100'])
})

it('chunkName counts from 1', () => {
  expect(chunkName('s', 1)).toBe('s.1')
})
