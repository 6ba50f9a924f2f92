import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { SessionError } from '../../src/runtime/core/model/errors'
import type { SessionRuntimeConfig } from '../../src/runtime/core/model/types'
import { TestApp } from '../unit/support/app'
import type { TestBrowser, Visit } from '../unit/support/app'
import { itemsOf } from '../unit/support/stored'
import { inputs, TIMEOUT, weighted } from './support/campaign'
import { expectNoPollution } from './support/prototypes'

vi.setConfig({ testTimeout: TIMEOUT })

type Data = Record<string, unknown>

const key = weighted([4, fc.constantFrom('a', 'b', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'length', '', '0', 'toJSON')], [2, fc.string({ unit: 'binary', maxLength: 8 })])
const text = weighted([3, fc.string({ maxLength: 20 })], [1, fc.string({ unit: 'binary', maxLength: 20 })], [1, fc.constantFrom('\uD800', '\uDFFFx', '\0', '\u2028', '__proto__', '\\u005f', '</script>')])
const number = weighted([2, fc.integer()], [1, fc.double({ noNaN: true, noDefaultInfinity: true })])
const { json } = fc.letrec<{ json: unknown }>(tie => ({
  json: fc.oneof({ maxDepth: 4, depthSize: 'small' }, text, number, fc.boolean(), fc.constant(null), fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('json')), { maxLength: 4 }).map(entries => Object.fromEntries(entries))),
}))
const data = fc.array(fc.tuple(key, json), { maxLength: 5 }).map(entries => Object.fromEntries(entries) as Data)

/** The data that a read returns: JSON, without a key `__proto__` anywhere. */
function kept(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(kept)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '__proto__').map(([name, item]) => [name, kept(item)]))
}

const cycle: Data = {}
cycle.self = { cycle }

/** Values that JSON loses or cannot write. */
const NO_JSON: [what: string, make: () => unknown][] = [
  ['a function', () => () => 1], ['a symbol', () => Symbol('s')], ['a bigint', () => 1n], ['NaN', () => Number.NaN], ['Infinity', () => Infinity], ['-Infinity', () => -Infinity],
  ['a Map', () => new Map([[1, 2]])], ['a Set', () => new Set([1])], ['a WeakMap', () => new WeakMap()], ['a promise', () => Promise.resolve(1)], ['a RegExp', () => /x/], ['an Error', () => new TypeError('x')],
  ['bytes', () => new Uint8Array(2)], ['an ArrayBuffer', () => new ArrayBuffer(2)], ['a cycle', () => cycle], ['a symbol as a key', () => ({ [Symbol('s')]: 1 })], ['depth', () => nested(600)],
  ['toJSON that gives NaN', () => ({ toJSON: () => Number.NaN })], ['toJSON that gives a Map', () => ({ toJSON: () => new Map() })], ['a boxed bigint', () => Object(1n) as unknown], ['a boxed NaN', () => Object(Number.NaN) as unknown],
  ['a boxed symbol', () => Object(Symbol('s')) as unknown],
]

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

/** Inserts a value somewhere in data. */
const buried = fc.tuple(fc.constantFrom(...NO_JSON), data, fc.array(weighted<string | number>([1, fc.nat(3)], [1, key.filter(name => name !== '__proto__' && name !== 'toJSON')]), { minLength: 1, maxLength: 40 }))
  .map(([[what, make], around, path]) => {
    let value = make()
    for (const step of path.slice(1)) value = typeof step === 'number' ? [...Array.from({ length: step }, () => 0), value] : { [step]: value }
    return { what, data: { ...around, [`at ${path[0]}`]: value } as Data }
  })

type Write = [name: string, run: (visit: Awaited<ReturnType<Visit['use']>>, data: Data) => Promise<unknown>]
const WRITES: Write[] = [
  ['update', (session, data) => session.update(data)],
  ['update by a function', (session, data) => session.update(() => data)],
  ['update of a draft', (session, data) => session.update(draft => void Object.assign(draft, data))],
  ['replace', (session, data) => session.replace(data)],
  ['regenerate', (session, data) => session.regenerate({ userId: 'ada', data })],
  ['flash', (session, data) => session.flash('note', data)],
]

const PLACES: [string, SessionRuntimeConfig, share: number][] = [['in a cookie', {}, 0.01], ['in a store', { storage: 'session' }, 0.01]]

async function begun(config: SessionRuntimeConfig) {
  const app = new TestApp(config)
  // The test's record of hooks clones their data, which fails for some of this data.
  app.env.hasHook = () => false
  const browser = app.browser()
  await browser.visit(async ({ use }) => (await use()).update({ before: 1 }))
  return { app, browser }
}

async function seen(browser: TestBrowser) {
  return (await browser.visit(async ({ open }) => {
    const session = await open()
    return { id: session.id, isNew: session.isNew, userId: session.userId, data: JSON.stringify(session.data) }
  })).result
}

describe.each(PLACES)('what is written to a session %s', (_place, config, share) => {
  it('is read as JSON has it, after every kind of write', async () => {
    await fc.assert(fc.asyncProperty(data, fc.constantFrom(...WRITES), async (data, [name, run]) => {
      const { browser } = await begun(config)
      const visit = browser.visit(async ({ use }) => {
        const session = await use()
        await run(session, data)
        expectNoPollution({})
        return session.id
      })
      const outcome = await visit.then(({ result }) => ({ id: result }), (error: SessionError) => ({ code: error.code }))
      if ('code' in outcome) return expect(outcome.code).toBe('SESSION_TOO_LARGE')
      await browser.visit(async ({ use }) => {
        const session = await use()
        expect(session.id).toBe(outcome.id)
        if (name === 'flash') return expect(kept(await session.flash('note'))).toEqual(kept(data))
        expectNoPollution(session.data)
        expect(session.data).toEqual({ ...name !== 'replace' && { before: 1 }, ...kept(data) as Data })
      })
    }), inputs(400, share))
  })

  it('that is not JSON throws with its path, and changes nothing', async () => {
    await fc.assert(fc.asyncProperty(buried, fc.constantFrom(...WRITES), async ({ what, data }, [name, run]) => {
      const { app, browser } = await begun(config)
      const before = { session: await seen(browser), items: config.storage ? JSON.stringify([...itemsOf(app)]) : '', cookies: browser.jar.header(app.env.time) }
      const { result, transport } = await browser.visit(async ({ use }) => {
        const session = await use()
        const error = await run(session, data).catch((error: unknown) => error)
        expect(error, `${name} of ${what}`).toBeInstanceOf(SessionError)
        expect((error as SessionError).code, `${name} of ${what}`).toBe('SESSION_NOT_SERIALIZABLE')
        return { id: session.id, isNew: session.isNew, userId: session.userId, data: JSON.stringify(session.data) }
      })
      expect(result).toEqual(before.session)
      expect(transport.setCookies()).toEqual([])
      expect({ session: await seen(browser), items: config.storage ? JSON.stringify([...itemsOf(app)]) : '', cookies: browser.jar.header(app.env.time) }).toEqual(before)
      expectNoPollution({})
    }), inputs(400, share))
  })
})

it.each<[string, object]>([['update', { [Symbol('lost')]: 1, kept: 1 }]])('a symbol as a key for %s throws like a nested one', async (_write, patch) => {
  const { browser } = await begun({})
  const { result } = await browser.visit(async ({ use }) => (await use()).update(patch).then(() => 'written', (error: SessionError) => error.code))
  expect(result).toBe('SESSION_NOT_SERIALIZABLE')
})
