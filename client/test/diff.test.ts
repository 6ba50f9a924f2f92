import { describe, expect, it } from 'vitest'
import { diffData, isSame, summarise } from '../src/lib/diff'
import { formatPath } from '../src/lib/json'

const changes = (...args: Parameters<typeof diffData>): string[] => diffData(...args).map(({ kind, path }) => `${kind} ${formatPath(path)}`)

describe('diffData', () => {
  it('finds no changes in equal data, ignoring the order of keys', () => {
    expect(diffData({ a: 1, b: { c: [1, null] } }, { b: { c: [1, null] }, a: 1 })).toEqual([])
  })

  it('gives the path, the old and the new value', () => {
    expect(diffData({ user: { name: 'Ada' } }, { user: { name: 'Grace' } })).toEqual([
      { kind: 'changed', path: ['user', 'name'], before: 'Ada', after: 'Grace' },
    ])
  })

  it.each([
    ['an added key', { a: 1 }, { a: 1, b: 2 }, ['added b']],
    ['a removed key', { a: 1, b: 2 }, { a: 1 }, ['removed b']],
    ['another type', { a: { b: 1 } }, { a: [1] }, ['changed a']],
    ['null and missing', { a: null }, {}, ['removed a']],
    ['an item at the end', { a: [1, 2] }, { a: [1, 2, 3] }, ['added a[2]']],
    ['an item at the start', { a: [2, 3] }, { a: [1, 2, 3] }, ['added a[0]']],
    ['a removed item in the middle', { a: [1, 2, 3] }, { a: [1, 3] }, ['removed a[1]']],
    ['a change inside an item', { a: [{ n: 1 }, { n: 2 }] }, { a: [{ n: 1 }, { n: 3 }] }, ['changed a[1].n']],
    ['a key with the name of an Object method', {}, { constructor: 1 }, ['added constructor']],
  ])('finds %s', (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected)
  })

  it('treats undefined as an empty object', () => {
    expect(changes(undefined, { a: 1 })).toEqual(['added a'])
    expect(changes({ a: 1 }, undefined)).toEqual(['removed a'])
  })

  it('is summarised by kind', () => {
    expect(summarise(diffData({ a: 1, b: 1 }, { b: 2, c: 1, d: 1 }))).toBe('+2 −1 ~1')
    expect(summarise([])).toBe('')
  })
})

describe('isSame', () => {
  it('compares by structure', () => {
    expect(isSame([1, { a: 2 }], [1, { a: 2 }])).toBe(true)
    expect(isSame([], {})).toBe(false)
  })
})
