import { expect } from 'vitest'
import type { Alive, Found, SessionStore } from '../../../src/runtime/core/store/store'
import { until } from '../../support/until'
import { nodeEnvironment } from './node-environment'
import { recordAt, regenerate } from './scenarios'

const LOOPS = 8
const ROUNDS = 3
const HOUR = 60 * 60 * 1000

/** `refused`: the error said that nothing was written. */
interface Update { session: string, name: string, outcome: 'acknowledged' | 'unknown' | 'refused' }

/** `isLost`: the session that logged in was no longer what the visitor had just written. */
interface Login { userId: string, old: string, next: string, isLost?: boolean, end?: 'logout' | 'revocation' }

/** Writes that a fault may have lost, although they were acknowledged: those after `mark` of such handles. */
interface Loss { mark: Mark, isPossible: (handle: string) => boolean }

/** How many writes were acknowledged at some time. */
interface Mark { updates: number, logins: number }

const newHandle = () => nodeEnvironment.hash(Math.random().toString())
const codeOf = (error: unknown) => (error as { code?: string }).code

export function addName(store: SessionStore, session: string, name: string, known?: Alive): Promise<Found> {
  return store.update(session, record => ({ ...record, data: { names: [...record.data.names as string[], name] } }), known)
}

/**
 * Visitors who update shared sessions, log in and log out in parallel, until they are stopped. Each update adds a name
 * of its own to the session's data, so a lost update is missing, and one that was written twice is there twice.
 */
export class Visitors {
  /** Codes of the store's errors. */
  readonly errors = new Set<string>()
  readonly #updates: Update[] = []
  readonly #logins: Login[] = []
  #isOver = false
  #loops: Promise<unknown>[] = []

  private constructor(private readonly stores: SessionStore[], private readonly sessions: string[]) {}

  static async start(stores: SessionStore[], sessions: string[]): Promise<Visitors> {
    await Promise.all(sessions.map(handle => stores[0]!.create(handle, recordAt(Date.now(), { data: { names: [] } }))))
    const visitors = new Visitors(stores, sessions)
    visitors.#loops = Array.from({ length: LOOPS }, (_item, at) => visitors.#loop(at))
    return visitors
  }

  get handles(): string[] {
    return [...this.sessions, ...this.#logins.flatMap(({ old, next }) => [old, next])]
  }

  mark(): Mark {
    return { updates: this.#updates.length, logins: this.#logins.length }
  }

  /** Resolves when each session was updated a few times more, and more visitors have logged in. */
  async goOn(): Promise<void> {
    const { updates, logins } = this.mark()
    const isUpdated = (session: string) =>
      this.#updates.slice(updates).filter(update => update.session === session && update.outcome === 'acknowledged').length >= ROUNDS
    await until(() => this.#logins.length >= logins + LOOPS * ROUNDS && this.sessions.every(isUpdated))
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#loops)
  }

  /** Expects that each acknowledged write is in the store once, and no refused one. */
  async expectWrites(loss?: Loss): Promise<void> {
    for (const session of this.sessions) await this.#expectUpdates(session, loss)
    for (const [at, login] of this.#logins.entries()) await this.#expectLogin(login, at, loss)
  }

  async #expectUpdates(session: string, loss?: Loss): Promise<void> {
    const found = await this.#store().get(session)
    expect(found).toHaveProperty('record')
    const names = found && 'record' in found ? found.record.data.names as string[] : []
    expect(names).toHaveLength(new Set(names).size)
    for (const [at, { name, outcome }] of this.#updates.entries().filter(([, update]) => update.session === session)) {
      if (outcome === 'refused') expect(names).not.toContain(name)
      const mayBeLost = loss !== undefined && at >= loss.mark.updates && loss.isPossible(session)
      if (outcome === 'acknowledged' && !mayBeLost) expect(names).toContain(name)
    }
  }

  async #expectLogin({ userId, old, next, isLost, end }: Login, at: number, loss?: Loss): Promise<void> {
    const store = this.#store()
    if (isLost) return expect(loss?.isPossible(old)).toBe(true)
    const isSure = loss === undefined || at < loss.mark.logins
    if (isSure || !loss.isPossible(old)) expect(await store.get(old)).toHaveProperty('dead', 'superseded')
    // The epoch that ends a user's sessions has a key of its own.
    if (isSure || (end !== 'revocation' && !loss.isPossible(next))) expect(await store.get(next)).toHaveProperty(end ? 'dead' : 'record')
    if (isSure) expect((await store.list({ userId })).entries.map(entry => entry.key)).toEqual(end ? [] : [next])
  }

  async #loop(at: number): Promise<void> {
    for (let round = 0; !this.#isOver; round++) {
      const store = this.#store(at)
      await this.#update(store, this.sessions[(at + round) % this.sessions.length]!, `${at}-${round}`)
      await this.#logIn(store).catch((error: unknown) => this.#note(error))
    }
  }

  async #update(store: SessionStore, session: string, name: string): Promise<void> {
    const update: Update = { session, name, outcome: 'acknowledged' }
    try {
      expect(await addName(store, session, name)).toHaveProperty('record')
    }
    catch (error) {
      this.#note(error)
      update.outcome = codeOf(error) === 'SESSION_CONFLICT' ? 'refused' : 'unknown'
    }
    this.#updates.push(update)
  }

  async #logIn(store: SessionStore): Promise<void> {
    const login: Login = { userId: newHandle(), old: newHandle(), next: newHandle() }
    const { userId, old, next } = login
    await store.create(old, recordAt(Date.now(), { userId }))
    login.isLost = await regenerate(store, old, next) !== 'destroyed'
    const number = this.#logins.push(login)
    if (login.isLost) return
    if (number % 3 === 1) {
      await store.destroy(next, { reason: 'revoked', until: Date.now() + HOUR })
      login.end = 'logout'
    }
    else if (number % 3 === 2) {
      await store.raiseEpoch(userId)
      login.end = 'revocation'
    }
  }

  #note(error: unknown): void {
    const code = codeOf(error)
    if (code === undefined) throw error
    this.errors.add(code)
  }

  #store(at = 0): SessionStore {
    return this.stores[at % this.stores.length]!
  }
}
