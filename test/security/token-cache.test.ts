import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { TokenCache, readContent } from '../../src/runtime/core/seal/token-cache'
import { openToken } from '../../src/runtime/core/session/token'
import type { ResolvedConfig } from '../../src/runtime/core/config/types'
import type { SessionConfig } from '../../src/runtime/core/model/types'
import { OLD_PASSWORD, PASSWORD } from '../unit/support/app'
import { inputs, TIMEOUT } from './support/campaign'
import { mutatedSeal } from './support/hostile-seals'
import { World } from './support/world'

vi.setConfig({ testTimeout: TIMEOUT })

interface Owner { name: string }

describe('the token cache', () => {
  const owners: Owner[] = [{ name: 'a' }, { name: 'a' }, { name: 'b' }]
  // Few different ends, so that many tokens have the same key. Few different heads, so that tokens repeat.
  const token = fc.tuple(fc.constantFrom('', 'Fe26.2**', 'x'), fc.constantFrom('', 'one', 'two'), fc.constantFrom('AAAAAA', 'AAAAAB', 'BAAAAA', '')).map(parts => parts.join(''))
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), token, owner: fc.nat(2), value: fc.jsonValue({ maxDepth: 2 }) }),
    fc.record({ do: fc.constant('get' as const), token, owner: fc.nat(2) }),
    fc.record({ do: fc.constant('delete' as const), token }),
    fc.record({ do: fc.constant('flood' as const), count: fc.integer({ min: 1, max: 1500 }) }),
  )

  it('answers with what was last added for this very token and owner, or not at all', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const cache = new TokenCache<Owner>()
      const model = new Map<string, { owner: Owner, text: string }>()
      let number = 0
      for (const each of steps) {
        if (each.do === 'flood') {
          for (let count = 0; count < each.count; count++) cache.add({ token: `flood-${number++}-${number % 7}`, owner: owners[0]!, content: { text: '0' }, expiration: '', passwordIndex: 0, isFallback: false }, count % 2 === 0)
        }
        else if (each.do === 'delete') {
          cache.delete(each.token)
          model.delete(each.token)
        }
        else if (each.do === 'add') {
          const entry = { owner: owners[each.owner]!, text: JSON.stringify(each.value) }
          cache.add({ token: each.token, owner: entry.owner, content: { text: entry.text }, expiration: '1', passwordIndex: 1, isFallback: true }, entry.text.length % 2 === 0)
          model.set(each.token, entry)
        }
        else {
          const found = cache.get(each.token, owners[each.owner]!)
          const right = model.get(each.token)
          if (found) expect([found.token, found.owner, JSON.stringify(readContent(found)), found.expiration, found.passwordIndex, found.isFallback]).toEqual([each.token, right?.owner, right?.text, '1', 1, true])
          if (found) expect(found.owner).toBe(owners[each.owner])
        }
        expect(cache.size).toBeLessThanOrEqual(1000)
        expect(cache.bytes).toBeLessThanOrEqual(4 * 1024 * 1024)
      }
    }), inputs(150, 0.005))
  })
})

describe('opening with the token cache', () => {
  it('has the same result as without it, for any order of tokens, options and times', async () => {
    const [kept, fresh] = [new World('node, cached'), new World('node')]
    const now = kept.env.now()
    const options = [{}, { maxAge: 60 }, { idleTimeout: 10 }, { name: 'cart' }, { acceptUnnamed: false }, { password: OLD_PASSWORD }, { password: [OLD_PASSWORD, PASSWORD] }, { storage: 'session' }, { caches: false }, { caches: 'keys' }] satisfies SessionConfig[]
    const configs = options.map(each => [kept.resolve(each), fresh.resolve(each)] as [ResolvedConfig, ResolvedConfig])
    const seals = await Promise.all([
      fresh.seal(JSON.stringify({ id: '1', createdAt: now, data: { a: 1 } })),
      fresh.seal(JSON.stringify({ id: '2', createdAt: now, data: {}, name: 'h3', lastSeenAt: now }), { expiration: String(now + 30_000) }),
      fresh.seal(JSON.stringify({ id: '3', createdAt: now, data: {}, name: 'cart', maxAge: 20 })),
      fresh.seal(JSON.stringify({ id: '4', name: 'h3' })),
      fresh.seal('{"id":"5","createdAt":1924992000000,"data":{"__proto__":{"a":1}}}'),
      fresh.seal(JSON.stringify({ id: '6', createdAt: now, data: {} }), { password: OLD_PASSWORD }),
    ])
    const token = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...seals) }, { weight: 1, arbitrary: mutatedSeal(seals) })
    const visit = fc.tuple(token, fc.nat(options.length - 1), fc.constantFrom(0, 5000, 10_000, 19_999, 20_000, 29_999, 30_000, 59_999, 60_000, 401 * 86_400_000, -5000))
    await fc.assert(fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 30 }), async (visits) => {
      for (const [token, index, time] of visits) {
        const [keptConfig, freshConfig] = configs[index]!
        const found = await openToken(token, keptConfig, now + time)
        expect(found).toEqual(await openToken(token, freshConfig, now + time))
        // A request's change must not affect other requests.
        if ('session' in found) found.session.data.changed = true
      }
    }), inputs(200, 0.01))
  })
})
