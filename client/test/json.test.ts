import { describe, expect, it } from 'vitest'
import { formatPath, kindOf, parseData } from '../src/lib/json'

describe('parseData', () => {
  it('accepts an object', () => {
    expect(parseData('{"a":1}')).toEqual({ ok: true, data: { a: 1 } })
  })

  it.each(['[1]', '1', 'null', '"x"'])('rejects %s as session data', (text) => {
    expect(parseData(text)).toMatchObject({ ok: false, error: expect.stringContaining('object') })
  })

  it('rejects data of more levels than a session can have, in a sentence', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
    expect(parseData(nested(500))).toMatchObject({ ok: true })
    for (const levels of [501, 10_000, 100_000])
      expect(parseData(nested(levels))).toEqual({ ok: false, error: expect.stringContaining('at most 500 levels') })
  })

  it.each([
    ['{"__proto__":{}}', '__proto__'],
    ['{"user":{"roles":["a",{"__proto__":1}]}}', 'user.roles.1.__proto__'],
    [String.raw`{"user":{"\u005f_proto__":1}}`, 'user.__proto__'],
  ])('rejects the key __proto__, which sessions drop, in %s', (text, path) => {
    expect(parseData(text)).toEqual({ ok: false, error: expect.stringMatching(new RegExp(`^Session data cannot have the key "__proto__".*Remove ${path.replaceAll('.', String.raw`\.`)}, or rename it`)) })
  })

  it('accepts __proto__ as a value', () => {
    expect(parseData('{"key":"__proto__"}')).toMatchObject({ ok: true })
  })

  it.each(['', '{', '{a:1}'])('explains why %j is not JSON', (text) => {
    expect(parseData(text)).toMatchObject({ ok: false, error: expect.stringMatching(/^Not valid JSON: ./) })
  })
})

describe('formatPath', () => {
  it.each([
    [['user', 'roles', 0], 'user.roles[0]'],
    [['odd key', 'a'], '["odd key"].a'],
    [['a', 'b-c'], 'a["b-c"]'],
    [[], ''],
  ])('formats %j as %s', (path, text) => {
    expect(formatPath(path)).toBe(text)
  })
})

describe('kindOf', () => {
  it('distinguishes null and arrays from objects', () => {
    expect([null, [], {}, 'a', 1, true].map(kindOf)).toEqual(['null', 'array', 'object', 'string', 'number', 'boolean'])
  })
})
