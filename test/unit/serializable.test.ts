import { describe, expect, it } from 'vitest'
import { assertSerializable } from '../../src/runtime/core/serializable'

class Point { constructor(readonly x: number) {} }
class Money { constructor(readonly cents: unknown) {} toJSON() { return { cents: this.cents } } }

function cycle() {
  const user: Record<string, unknown> = { name: 'ada' }
  user.friends = [user]
  return { user }
}

describe('data that JSON keeps', () => {
  const shared = { a: 1 }
  it.each<[what: string, value: unknown]>([
    ['plain values', { text: '', number: -1.5, yes: true, none: null, list: [1, ['a']], deep: { deeper: {} } }],
    ['undefined, which means no key', { a: undefined }],
    ['a Date', { at: new Date(0) }],
    ['a Date that is invalid', { at: new Date('x') }],
    ['what has toJSON', { price: new Money(5), url: new URL('http://localhost') }],
    ['a class without methods', { at: new Point(1) }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['the same object twice', { one: shared, two: shared, list: [shared, shared] }],
  ])('is accepted: %s', (_, value) => {
    expect(() => assertSerializable(value, 'data')).not.toThrow()
  })
})

describe('data that JSON would lose', () => {
  it.each<[message: string, value: unknown]>([
    ['data.fn is a function', { fn: () => 1 }],
    ['data.s is a symbol', { s: Symbol('s') }],
    ['data has a symbol as a key', { [Symbol('s')]: 1 }],
    ['data.n is a bigint', { n: 1n }],
    ['data.n is NaN', { n: Number.NaN }],
    ['data.n is Infinity', { n: Infinity }],
    ['data.n is -Infinity', { n: -Infinity }],
    ['data.m is of type Map', { m: new Map() }],
    ['data.m is of type Set', { m: new Set() }],
    ['data.m is of type WeakMap', { m: new WeakMap() }],
    ['data.m is of type RegExp', { m: /x/ }],
    ['data.m is of type Error', { m: new TypeError('x') }],
    ['data.m is of type Promise', { m: Promise.resolve() }],
    ['data.m is of type Uint8Array', { m: new Uint8Array(1) }],
    ['data.m is of type ArrayBuffer', { m: new ArrayBuffer(1) }],
    ['data.user.tags[1].at is of type Map', { user: { tags: [1, { at: new Map() }] } }],
    ['data.price.cents is a bigint', { price: new Money(5n) }],
    ['data.user.friends[0] contains itself', cycle()],
  ])('is refused with its path: %s', (message, value) => {
    expect(() => assertSerializable(value, 'data')).toThrow(`SESSION_NOT_SERIALIZABLE: ${message}, which JSON loses.`)
  })

  it('is refused by code and status', () => {
    expect(() => assertSerializable(1n, 'data')).toThrow(expect.objectContaining({ code: 'SESSION_NOT_SERIALIZABLE', statusCode: 500 }))
  })
})

it('refuses data that is nested beyond reason with its own error', () => {
  let deep: Record<string, unknown> = {}
  for (let level = 0; level < 20_000; level++) deep = { deep }
  expect(() => assertSerializable(deep, 'data')).toThrow(expect.objectContaining({ code: 'SESSION_NOT_SERIALIZABLE' }))
})
