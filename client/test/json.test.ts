import { describe, expect, it } from 'vitest'
import { formatPath, kindOf, parseData } from '../src/lib/json'

describe('parseData', () => {
  it('takes an object', () => {
    expect(parseData('{"a":1}')).toEqual({ ok: true, data: { a: 1 } })
  })

  it.each(['[1]', '1', 'null', '"x"'])('refuses %s as a session\'s data', (text) => {
    expect(parseData(text)).toMatchObject({ ok: false, error: expect.stringContaining('object') })
  })

  it.each(['', '{', '{a:1}'])('says why %j is not JSON', (text) => {
    expect(parseData(text)).toMatchObject({ ok: false, error: expect.stringMatching(/^Not valid JSON: ./) })
  })
})

describe('formatPath', () => {
  it.each([
    [['user', 'roles', 0], 'user.roles[0]'],
    [['odd key', 'a'], '["odd key"].a'],
    [['a', 'b-c'], 'a["b-c"]'],
    [[], ''],
  ])('%j is %s', (path, text) => {
    expect(formatPath(path)).toBe(text)
  })
})

describe('kindOf', () => {
  it('tells null and arrays from objects', () => {
    expect([null, [], {}, 'a', 1, true].map(kindOf)).toEqual(['null', 'array', 'object', 'string', 'number', 'boolean'])
  })
})
