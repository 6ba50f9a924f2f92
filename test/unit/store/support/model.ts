import fc from 'fast-check'
import { expect } from 'vitest'
import type { Alive, Found, SessionRecord, SessionStore } from '../../../../src/runtime/core/store/store'

const HANDLES = 5
const HOUR = 60 * 60 * 1000
const index = fc.nat(HANDLES - 1)
const user = fc.constantFrom('ada', 'bob')

type Step =
  | { do: 'create', at: number, userId?: string, minutes: number }
  | { do: 'get' | 'remember', at: number }
  | { do: 'update', at: number, value: number, bind?: string | null, isKnown: boolean }
  | { do: 'touch', at: number, minutes: number, isKnown: boolean }
  | { do: 'destroy', at: number, reason: 'revoked' | 'superseded', isKnown: boolean }
  | { do: 'raise', userId: string, except?: number }
  | { do: 'list', userId?: string, limit: number }
  | { do: 'advance', minutes: number }
  | { do: 'sweep' }

export const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('create' as const), at: index, userId: fc.option(user, { nil: undefined }), minutes: fc.integer({ min: 1, max: 50 }) }) },
  fc.record({ do: fc.constantFrom('get' as const, 'remember' as const), at: index }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('update' as const), at: index, value: fc.nat(9), bind: fc.option(fc.option(user, { nil: null }), { nil: undefined }), isKnown: fc.boolean() }) },
  fc.record({ do: fc.constant('touch' as const), at: index, minutes: fc.integer({ min: 1, max: 50 }), isKnown: fc.boolean() }),
  fc.record({ do: fc.constant('destroy' as const), at: index, reason: fc.constantFrom('revoked' as const, 'superseded' as const), isKnown: fc.boolean() }),
  fc.record({ do: fc.constant('raise' as const), userId: user, except: fc.option(index, { nil: undefined }) }),
  fc.record({ do: fc.constant('list' as const), userId: fc.option(user, { nil: undefined }), limit: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('advance' as const), minutes: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ do: fc.constant('sweep' as const) }),
), { maxLength: 40, size: 'max' })

interface ModelTarget {
  store: SessionStore
  now: () => number
  advance: (ms: number) => unknown
  newHandle: () => string
}

type Entry = { record: SessionRecord, version: string } | { dead: 'revoked' | 'superseded', until: number }

/** Runs the steps on the store and on a plain map, and compares the results. */
export async function runModel(target: ModelTarget, all: Step[]): Promise<void> {
  const model = new Model(target)
  for (const step of all) await model.step(step)
  for (let at = 0; at < HANDLES; at++) await model.step({ do: 'get', at })
  await model.step({ do: 'list', limit: 2 })
}

class Model {
  readonly #handles: string[]
  readonly #entries = new Map<string, Entry>()
  #updates = 0
  readonly #epochs = new Map<string, { number: number, except?: string }>()
  readonly #known = new Map<string, { alive: Alive, version: string }>()

  constructor(private readonly target: ModelTarget) {
    this.#handles = Array.from({ length: HANDLES }, target.newHandle)
  }

  async step(step: Step): Promise<void> {
    if ('at' in step) return this.#stepAt(step, this.#handles[step.at]!)
    const { store } = this.target
    if (step.do === 'advance') await this.target.advance(step.minutes * 60_000)
    if (step.do === 'sweep') await store.sweep(100)
    if (step.do === 'list') await this.#list(step)
    if (step.do === 'raise') {
      const except = step.except === undefined ? undefined : this.#handles[step.except]
      const number = await store.raiseEpoch(step.userId, except)
      expect(number).toBeGreaterThan(this.#epochs.get(step.userId)?.number ?? 0)
      this.#epochs.set(step.userId, { number, except: this.#exceptFromRaise(except, step.userId, number) })
    }
  }

  /** The excepted session gets the new epoch if it is alive and belongs to the user. */
  #exceptFromRaise(except: string | undefined, userId: string, epoch: number): string | undefined {
    const found = except === undefined ? undefined : this.#found(except)
    if (!isAlive(found) || found.record.userId !== userId) return undefined
    this.#write(except!, { ...found.record, epoch })
    return except
  }

  async #stepAt(step: Extract<Step, { at: number }>, handle: string): Promise<void> {
    if (step.do === 'create') return this.#create(step, handle)
    if (step.do === 'destroy') return this.#destroy(step, handle)
    const { store } = this.target
    const expected = this.#found(handle)
    const known = 'isKnown' in step && step.isKnown ? this.#known.get(handle)?.alive : undefined
    if (step.do === 'get' || step.do === 'remember') {
      const found = await store.get(handle)
      this.#compare(found, expected)
      if (step.do === 'remember' && isAlive(found) && isAlive(expected)) this.#known.set(handle, { alive: found, version: expected.version as string })
    }
    if (step.do === 'update') {
      const change = (record: SessionRecord) => this.#change(record, step)
      this.#compare(await store.update(handle, change, known), isAlive(expected) ? this.#write(handle, change(expected.record), ++this.#updates) : expected)
    }
    if (step.do === 'touch') {
      const lastSeenAt = this.target.now()
      const times = { lastSeenAt, expiresAt: lastSeenAt + step.minutes * 60_000 }
      this.#compare(await store.touch(handle, times, known), isAlive(expected) ? this.#write(handle, { ...expected.record, ...times }) : expected)
    }
  }

  async #create({ userId, minutes }: { userId?: string, minutes: number }, handle: string): Promise<void> {
    if (this.#entries.has(handle)) return
    const now = this.target.now()
    const record: SessionRecord = { createdAt: now, lastSeenAt: now, expiresAt: now + minutes * 60_000, data: { value: 0 } }
    Object.assign(record, userId === undefined ? {} : { userId, epoch: await this.target.store.epoch(userId) })
    await this.target.store.create(handle, record)
    this.#write(handle, record)
  }

  async #destroy({ reason, isKnown }: { reason: 'revoked' | 'superseded', isKnown: boolean }, handle: string): Promise<void> {
    const known = isKnown ? this.#known.get(handle) : undefined
    const entry = this.#entries.get(handle)
    // Some drivers have already removed these.
    if (entry && 'until' in entry && entry.until <= this.target.now()) return
    if (entry && 'record' in entry && entry.record.expiresAt <= this.target.now()) return
    // An epoch raise writes tombstones for a limited number of sessions only.
    if (entry && 'record' in entry && !isAlive(this.#found(handle))) return
    if (known && this.#isOutdated(known.alive.record, handle)) return
    const until = this.target.now() + HOUR
    const outcome = await this.target.store.destroy(handle, { reason, until, known: known?.alive })
    if (entry && 'dead' in entry) return expect(outcome).toBe('dead')
    const isKnownState = known === undefined || (entry !== undefined && entry.version === known.version)
    expect(outcome).toBe(isKnownState ? 'destroyed' : 'changed')
    if (isKnownState) this.#entries.set(handle, { dead: reason, until })
  }

  #change(record: SessionRecord, { value, bind }: { value: number, bind?: string | null }): SessionRecord {
    const changed: SessionRecord = { ...record, data: { ...record.data, value } }
    if (bind) Object.assign(changed, { userId: bind, epoch: this.#epochs.get(bind)?.number ?? 0 })
    if (bind === null) delete changed.userId
    return changed
  }

  async #list({ userId, limit }: { userId?: string, limit: number }): Promise<void> {
    const { store } = this.target
    const keys: string[] = []
    let cursor: string | undefined
    do {
      const page = await store.list({ userId, limit, cursor })
      for (const { key, record } of page.entries) {
        this.#compare({ record, version: '' }, this.#found(key))
        keys.push(key)
      }
      cursor = page.cursor
    } while (cursor !== undefined)
    const expected = this.#handles.filter((handle) => {
      const found = this.#found(handle)
      return isAlive(found) && (userId === undefined || found.record.userId === userId)
    })
    expect(keys.sort()).toEqual(expected.sort())
    if (userId !== undefined) expect(await store.count({ userId })).toBe(expected.length)
  }

  /** An update writes a new version even if it changes nothing, because of its write id. */
  #write(handle: string, record: SessionRecord, update = 0): Found {
    const written = { record, version: `${update} ${JSON.stringify(record)}` }
    this.#entries.set(handle, written)
    return written
  }

  #found(handle: string): Found {
    const entry = this.#entries.get(handle)
    if (!entry || 'dead' in entry) return entry
    if (entry.record.userId !== undefined && this.#isOutdated(entry.record, handle)) return { dead: 'revoked' }
    return entry.record.expiresAt <= this.target.now() ? undefined : entry
  }

  #isOutdated(record: SessionRecord, handle: string): boolean {
    const epoch = this.#epochs.get(record.userId ?? '')
    return epoch !== undefined && (record.epoch ?? 0) < epoch.number && epoch.except !== handle
  }

  /** The store may or may not have removed an expired tombstone or record. */
  #compare(actual: Found, expected: Found): void {
    const hasTombstone = expected !== undefined && 'until' in expected && (expected.until as number) > this.target.now()
    if (hasTombstone && 'dead' in expected) return expect(actual).toEqual({ dead: expected.dead })
    if (expected && 'dead' in expected) return expect([expected.dead, undefined]).toContain(actual && 'dead' in actual ? actual.dead : actual)
    if (isAlive(actual) && actual.record.expiresAt <= this.target.now()) return expect(isAlive(expected)).toBe(false)
    expect(isAlive(actual) ? actual.record : actual).toEqual(isAlive(expected) ? expected.record : expected)
  }
}

function isAlive(found: Found | Entry): found is Alive {
  return found !== undefined && 'record' in found
}
