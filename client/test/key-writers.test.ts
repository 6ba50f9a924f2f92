import { expect, it } from 'vitest'
import { signOf, writersOf } from '../src/lib/key-writers'
import { request, session } from './session'

const REQUESTS = [
  request([{ seq: 1, key: 'old', kind: 'create', changes: ['+cart'] }], { path: '/first' }),
  request([{ seq: 2, key: 'other', kind: 'update', changes: ['~cart'] }]),
  request([{ seq: 4, key: 'old', kind: 'update', changes: ['~cart', '+coupon'] }], { path: '/later' }),
  request([{ seq: 3, key: 'new', kind: 'regenerate', changes: ['+user', '−coupon'] }], { path: '/login' }),
]
const OLD = session({ key: 'old', next: 'new' })
const NEW = session({ key: 'new', previous: 'old' })

function writes(of: typeof OLD) {
  return Object.fromEntries(Array.from(writersOf(of, [OLD, NEW, session({ key: 'other' })], REQUESTS), ([key, writes]) => [key, writes.map(write => `${signOf(write, key)} ${write.path}`)]))
}

it('finds the writes of each key, newest first', () => {
  expect(writes(OLD)).toEqual({ cart: ['~ /later', '+ /first'], coupon: ['+ /later'] })
})

it('goes on under the earlier id of the session', () => {
  expect(writes(NEW)).toEqual({ cart: ['~ /later', '+ /first'], coupon: ['+ /later', '− /login'], user: ['+ /login'] })
})

it('leaves out a write whose response the browser did not get, unless its session needs no new cookie', () => {
  const requests = [...REQUESTS.slice(0, 1), request([{ seq: 5, key: 'old', kind: 'update', changes: ['~cart'] }], { path: '/aborted', duration: 9 })]
  const paths = (of: typeof OLD) => writersOf(of, [of], requests).get('cart')!.map(({ path }) => path)
  expect(paths(OLD)).toEqual(['/first'])
  for (const kept of [{ storage: 'sessions' }, { transport: 'header' as const }]) expect(paths({ ...OLD, ...kept })).toEqual(['/aborted', '/first'])
})

it('has the last write of a key whose request is no longer listed', () => {
  const write = { at: 7, method: 'POST', path: '/first', source: 'server/api/first.ts:3' }
  const kept = session({ writers: [{ key: 'cart', ...write }, { key: 'n', ...write, at: 9 }] })
  const listed = request([{ seq: 9, at: 9, kind: 'update', changes: ['~n'], sources: ['server/api/n.ts:4', 'server/api/caller.ts:1'] }], { path: '/n' })
  const writers = writersOf(kept, [kept], [listed])
  expect(writers.get('cart')).toEqual([{ key: 'cart', ...write }])
  expect(writers.get('n')).toEqual([{ at: 9, method: 'POST', path: '/n', source: 'server/api/n.ts:4', event: listed.events[0] }])
})

it('has no writes that are later than the data, and no clear()', () => {
  const requests = [
    request([{ seq: 1, at: 1, kind: 'create', changes: ['+n', '+m'] }], { path: '/first' }),
    request([{ seq: 2, at: 2, kind: 'update', changes: ['~n', '+k'] }], { path: '/later' }),
    request([{ seq: 3, at: 3, kind: 'clear', changes: ['−n', '−m', '−k'] }], { path: '/logout' }),
  ]
  const paths = (of: typeof OLD) => Object.fromEntries(Array.from(writersOf(of, [of], requests), ([key, writes]) => [key, writes.map(({ path }) => path)]))
  const write = { at: 1, method: 'POST', path: '/first' }
  expect(paths(session({ writers: [{ key: 'n', ...write }, { key: 'm', ...write }] }))).toEqual({ n: ['/first'], m: ['/first'] })
  expect(paths(session({ writers: [] })), 'they are not known').toEqual({})
  expect(paths(session({ ended: 'cleared' }))).toEqual({ n: ['/later', '/first'], m: ['/first'], k: ['/later'] })
})

it('ends for sessions that name each other', () => {
  expect(writersOf(session({ key: 'a', previous: 'b' }), [session({ key: 'a', previous: 'b' }), session({ key: 'b', previous: 'a' })], []).size).toBe(0)
})
