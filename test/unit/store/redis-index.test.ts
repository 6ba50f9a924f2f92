import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cursorOf, entryEnd, firstAlive, INDEX_STEP, parseCursor, setsToWrite } from '../../../src/runtime/core/store/backends/redis-index'
import { StoreKeys } from '../../../src/runtime/core/store/keys'
import type { SessionRecord } from '../../../src/runtime/core/store/store'
import { FakeStoreEnvironment } from './support/fake-environment'

const env = new FakeStoreEnvironment()
const keys = new StoreKeys('', env.hash)
const handle = env.handle('a')
const MINUTE = 60_000

describe('the entries of a session in the index of Redis', () => {
  it('end after the session, whatever its ends were before', () => {
    const times = fc.array(fc.record({ moved: fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }), userId: fc.constantFrom(undefined, 'ada', 'bob') }), { minLength: 1, maxLength: 20 })
    fc.assert(fc.property(times, (steps) => {
      const ends = new Map<string, number>()
      let before: SessionRecord | undefined
      for (const { moved, userId } of steps) {
        const next = env.record({ userId, expiresAt: (before?.expiresAt ?? env.time) + moved })
        // As ZADD GT.
        for (const set of setsToWrite(keys, { handle, next, before })) ends.set(set, Math.max(ends.get(set) ?? 0, entryEnd(next)))
        for (const set of [keys.shard(handle), ...userId === undefined ? [] : [keys.user(userId)]]) {
          expect(ends.get(set)! * INDEX_STEP).toBeGreaterThan(next.expiresAt + INDEX_STEP)
          expect(ends.get(set)).toBeGreaterThanOrEqual(firstAlive(next.expiresAt - 1))
        }
        if (before?.userId !== undefined && before.userId !== userId) ends.delete(keys.user(before.userId))
        before = next
      }
    }), { numRuns: 1000 })
  })

  it('are not written again before the end has moved by a step', () => {
    const at = (expiresAt: number) => env.record({ userId: 'ada', expiresAt })
    const start = 1000 * INDEX_STEP
    expect(setsToWrite(keys, { handle, next: at(start) })).toEqual([keys.shard(handle), keys.user('ada')])
    expect(setsToWrite(keys, { handle, before: at(start), next: at(start + INDEX_STEP - 1) })).toEqual([])
    expect(setsToWrite(keys, { handle, before: at(start), next: at(start - 10 * MINUTE) })).toEqual([])
    expect(setsToWrite(keys, { handle, before: at(start), next: at(start + INDEX_STEP) })).toHaveLength(2)
    expect(setsToWrite(keys, { handle, before: { ...at(start), userId: 'bob' }, next: at(start) })).toEqual([keys.user('ada')])
  })

  it('are the cursors of pages', () => {
    expect(parseCursor(cursorOf({ handle, end: 16_000_000 }))).toEqual({ handle, end: 16_000_000 })
    for (const cursor of [undefined, '', `1-${handle}0`, `x-${handle}`, `${'1'.repeat(11)}-${handle}`]) expect(parseCursor(cursor)).toBeUndefined()
  })
})
