import { describe, expect, it } from 'vitest'
import { applyUpdate, assignExactly, dropProtoKeys, isDataObject, mergeData } from '../../src/runtime/core/model/data'

const parse = (json: string) => JSON.parse(json) as Record<string, unknown>

describe('mergeData', () => {
  it.each<[data: object, patch: unknown, merged: object]>([
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: 1 }, { a: undefined }, {}],
    [{ a: 1 }, { a: null }, { a: null }],
    [{ a: 1 }, undefined, { a: 1 }],
    [{ a: 1 }, null, { a: 1 }],
    [{ a: { b: 1 } }, { a: {} }, { a: {} }],
  ])('%j with %j is %j, and the first is not changed', (data, patch, merged) => {
    const before = structuredClone(data)
    expect(mergeData(data, patch)).toEqual(merged)
    expect(data).toEqual(before)
  })

  it('ignores __proto__ and keeps constructor as a key', () => {
    const merged = mergeData({}, parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'))
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    expect(Object.keys(merged)).toEqual(['constructor'])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it.each([[[1]], ['text'], [5], [true], [new Date()], [new Map()], [() => 1]])('throws for %o', (patch) => {
    expect(() => mergeData({}, patch)).toThrow(expect.objectContaining({ code: 'SESSION_NOT_SERIALIZABLE' }))
  })
})

describe('applyUpdate', () => {
  it('calls the function with a copy', () => {
    const data = { list: [{ n: 1 }] }
    const updated = applyUpdate(data, (draft) => { draft.list[0].n = 2 })
    expect([data, updated]).toEqual([{ list: [{ n: 1 }] }, { list: [{ n: 2 }] }])
  })

  it('merges the returned object into the changed copy', () => {
    expect(applyUpdate({ a: 1, b: 2 }, (draft) => {
      draft.a = 5
      return { b: undefined, c: 3 }
    })).toEqual({ a: 5, c: 3 })
  })

  it('throws for an async function, whose rejection does not end the process', () => {
    expect(() => applyUpdate({}, (async () => { throw new Error('later') }) as never)).toThrow('Await first, then call update().')
  })
})

it('assignExactly gives the same object exactly the keys of the source', () => {
  const target: Record<string, unknown> = { a: 1, b: 2 }
  assignExactly(target, { b: 3, c: 4 })
  expect(target).toEqual({ b: 3, c: 4 })
})

it('dropProtoKeys removes own __proto__ keys at any depth', () => {
  const value = parse('{"__proto__":1,"a":[{"__proto__":{"x":1},"b":{"__proto__":2}}]}')
  dropProtoKeys(value)
  expect(JSON.stringify(value)).toBe('{"a":[{"b":{}}]}')
})

it.each<[value: unknown, is: boolean]>([[{}, true], [Object.create(null), true], [[], false], [null, false], ['', false], [undefined, false]])(
  'isDataObject of %o: %s', (value, is) => expect(isDataObject(value)).toBe(is))
