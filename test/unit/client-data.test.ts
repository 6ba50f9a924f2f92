import { describe, expect, it } from 'vitest'
import { clientDataOf, clientKeysOf } from '../../src/runtime/core/config/client-data'
import { clientRouteOf } from '../../src/runtime/core/config/client-route'

const invalid = expect.objectContaining({ code: 'SESSION_CONFIG_INVALID' })

describe('the keys that may reach the browser', () => {
  it.each([[undefined, ['public']], ['', ['public']], [[], []], [['a', 'b'], ['a', 'b']]])('of %j are %j', (clientKeys, keys) => {
    expect(clientKeysOf({ clientKeys } as never)).toEqual(keys)
  })

  it.each([['public'], [true], [false], [{}], [['a', 1]], [[null]]])('are invalid: %j', (clientKeys) => {
    expect(() => clientKeysOf({ clientKeys } as never)).toThrow(invalid)
  })
})

describe('the endpoint\'s path', () => {
  it.each([[undefined, '/api/_session'], ['', '/api/_session'], [false, false], ['/me', '/me'], ['/a/b-c_d.e~f/', '/a/b-c_d.e~f/']])('of %j is %j', (clientRoute, route) => {
    expect(clientRouteOf({ clientRoute } as never)).toBe(route)
  })

  // A browser would read "//elsewhere.example" as the address of another host.
  it.each([['me'], ['//elsewhere.example'], ['/a//b'], ['/'], ['/:id'], ['/**'], ['/a b'], ['/a?b'], ['/a#b'], ['https://a.example'], ['/\\a'], [true], [1]])('is invalid: %j', (clientRoute) => {
    expect(() => clientRouteOf({ clientRoute } as never)).toThrow(invalid)
  })
})

describe('the data for the browser', () => {
  it('has the allowed keys, and no others', () => {
    expect(clientDataOf({ public: 1, theme: 'dark', secret: 's', publicKey: 'k', Public: 2 }, ['public', 'theme', 'missing'])).toEqual({ public: 1, theme: 'dark' })
    expect(clientDataOf({ public: 1 }, [])).toEqual({})
  })

  it('has no inherited keys', () => {
    const data = Object.create({ public: 'inherited' })
    expect(clientDataOf(data, ['public', 'toString', 'constructor', '__proto__'])).toEqual({})
  })

  it('is as after JSON: a Date is text, toJSON is called, functions are dropped', () => {
    const data = { public: { when: new Date(0), custom: { toJSON: () => 'custom', secret: 1 }, run() {}, none: undefined, list: [undefined, 1] } }
    expect(clientDataOf(data, ['public'])).toEqual({ public: { when: '1970-01-01T00:00:00.000Z', custom: 'custom', list: [null, 1] } })
  })

  it('is a copy: a change in it does not change the session', () => {
    const data = { public: { list: [1] } }
    const shown = clientDataOf(data, ['public']) as typeof data
    shown.public.list.push(2)
    expect(data).toEqual({ public: { list: [1] } })
  })

  it('pollutes no prototype', () => {
    const data = JSON.parse('{"public":{"__proto__":{"polluted":1}}}')
    const shown = clientDataOf(data, ['public']) as { public: object }
    expect(Object.getPrototypeOf(shown.public)).toBe(Object.prototype)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})
