import { describe, expect, it } from 'vitest'
import { Inspector, LIMITS } from '../../../src/devtools/inspector'
import { writersAfter } from '../../../src/devtools/key-writers'
import { keyOf, observed, session } from './support/observed'

/** An inspector that has seen a write of `cart` under the id `a`. */
function inspectorWithWrite(): Inspector {
  const inspector = new Inspector()
  inspector.record(observed({ kind: 'create', at: 7, method: 'POST', path: '/api/cart', session: session('a', { cart: 1 }) }), ['server/api/cart.ts:3', 'server/api/caller.ts:9'])
  return inspector
}

const CART = { key: 'cart', at: 7, method: 'POST', path: '/api/cart', source: 'server/api/cart.ts:3' }

describe('the last writer of a key', () => {
  it('stays when the list of requests is cleared', () => {
    const inspector = inspectorWithWrite()
    inspector.forget(10)
    expect(inspector.requests.all()).toEqual([])
    expect(inspector.changesSince().sessions).toMatchObject([{ writers: [CART] }])
    expect(inspector.hasSource('server/api/cart.ts:3')).toBe(true)
  })

  it('stays when newer requests have driven its request out', () => {
    const inspector = inspectorWithWrite()
    for (let n = 0; n < LIMITS.requests; n++) inspector.record(observed({ kind: 'update', path: `/${n}`, session: session('b', { n }), before: session('b', { n: n - 1 }) }))
    expect(inspector.requests.all().some(({ path }) => path === '/api/cart')).toBe(false)
    expect(inspector.find(keyOf('a'))!.writers).toEqual([CART])
  })

  it('stays when a request only reads, and is replaced by the next write', () => {
    const inspector = inspectorWithWrite()
    inspector.record(observed({ session: session('a', { cart: 1 }) }))
    expect(inspector.find(keyOf('a'))!.writers).toEqual([CART])
    inspector.record(observed({ kind: 'update', at: 9, path: '/later', before: session('a', { cart: 1 }), session: session('a', { cart: 2 }) }))
    expect(inspector.find(keyOf('a'))!.writers).toMatchObject([{ key: 'cart', at: 9, path: '/later', source: undefined }])
  })

  it('goes on under a new id', () => {
    const inspector = inspectorWithWrite()
    inspector.record(observed({ kind: 'regenerate', path: '/login', before: session('a', { cart: 1 }), session: session('b', { cart: 1, user: 2 }) }))
    expect(inspector.find(keyOf('b'))!.writers).toMatchObject([CART, { key: 'user', path: '/login' }])
  })

  it('is unknown after a write that is too large to compare', () => {
    const inspector = inspectorWithWrite()
    inspector.record(observed({ kind: 'update', before: session('a', { cart: 1 }), session: { ...session('a', {}), isCut: true } }))
    expect(inspector.find(keyOf('a'))!.writers).toEqual([])
  })
})

it('has no writer of a removed key, and those of the last hundred keys', () => {
  const write = { at: 1, method: 'GET', path: '/', source: undefined }
  expect(writersAfter([CART, { key: 'n', ...write }], ['−cart', '~n', '+m'], write).map(({ key }) => key)).toEqual(['n', 'm'])
  const many = Array.from({ length: 120 }, (_, n) => `+k${n}`)
  expect(writersAfter([CART], many, write)).toHaveLength(100)
})
