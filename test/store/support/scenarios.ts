import type { Alive, DestroyOutcome, SessionRecord, SessionStore } from '../../../src/runtime/core/store/store'
import { startOfHandle } from '../../../src/runtime/core/store/epochs'

const HOUR = 60 * 60 * 1000

export function recordAt(now: number, part: Partial<SessionRecord> = {}): SessionRecord {
  return { lastSeenAt: now, expiresAt: now + HOUR, createdAt: now, data: { state: 'old' }, ...part }
}

interface Scenario {
  /** The state before. */
  prepare: (store: SessionStore, handles: string[]) => Promise<unknown>
  /** The operation that is interrupted. */
  run: (store: SessionStore, handles: string[]) => Promise<unknown>
}

export type ScenarioName = 'create' | 'update' | 'bind' | 'touch' | 'destroy' | 'regenerate' | 'raise'

/** Each write of a session, as the session core does it. */
export const SCENARIOS: Record<ScenarioName, Scenario> = {
  create: {
    prepare: () => Promise.resolve(),
    run: (store, [handle]) => store.create(handle!, recordAt(Date.now(), { userId: 'ada', data: { state: 'new' } })),
  },
  update: {
    prepare: (store, [handle]) => store.create(handle!, recordAt(Date.now(), { userId: 'ada' })),
    run: (store, [handle]) => store.update(handle!, record => ({ ...record, data: { state: 'new' } })),
  },
  bind: {
    prepare: (store, [handle]) => store.create(handle!, recordAt(Date.now(), { userId: 'bob' })),
    run: (store, [handle]) => store.update(handle!, record => ({ ...record, userId: 'ada', data: { state: 'new' } })),
  },
  touch: {
    prepare: (store, [handle]) => store.create(handle!, recordAt(Date.now() - HOUR / 2, { userId: 'ada' })),
    run: (store, [handle]) => store.touch(handle!, { lastSeenAt: Date.now(), expiresAt: Date.now() + HOUR }),
  },
  destroy: {
    prepare: (store, [handle]) => store.create(handle!, recordAt(Date.now(), { userId: 'ada' })),
    run: (store, [handle]) => store.destroy(handle!, { reason: 'revoked', until: Date.now() + HOUR }),
  },
  regenerate: {
    prepare: (store, [handle]) => store.create(handle!, recordAt(Date.now(), { userId: 'ada' })),
    run: (store, [handle, next]) => regenerate(store, handle!, next!),
  },
  raise: {
    prepare: (store, handles) => Promise.all(handles.map(handle => store.create(handle, recordAt(Date.now(), { userId: 'ada' })))),
    run: store => store.raiseEpoch('ada'),
  },
}

/** Replaces a known session by a new one. If it has changed, the new one is removed again. */
export async function regenerate(store: SessionStore, handle: string, next: string): Promise<DestroyOutcome | undefined> {
  const known = await store.get(handle)
  if (known === undefined || !('record' in known)) return undefined
  await store.create(next, { ...known.record, replaces: startOfHandle(handle), data: { ...known.record.data, state: 'new' } })
  const outcome = await store.destroy(handle, { reason: 'superseded', until: Date.now() + HOUR, known: known as Alive })
  if (outcome !== 'destroyed') await store.destroy(next, { reason: 'revoked', until: Date.now() + HOUR })
  return outcome
}
