import type { ResolvedConfig } from '../config/types'
import type { SessionEnvironment, StorePersistence } from './context'
import { configInvalid, showValue, storeRequired } from '../model/errors'
import { TOMBSTONE_MS } from '../model/lifetimes'
import { isAlive } from '../store/record'

/** Selects stored sessions. */
export interface SessionFilter {
  /** Only sessions of this user. */
  userId?: string
  /** Entries per page, at most 1000. @default 100 */
  limit?: number
  /** `cursor` of the previous page. */
  cursor?: string
}

/** A stored session in a list. It contains neither the session's id nor its data. */
export interface ListedSession {
  /** SHA-256 of the id, for `revokeSession`. */
  handle: string
  /** The session's name. */
  name: string | undefined
  /** The user that `regenerate` bound. */
  userId: string | undefined
  /** Milliseconds since 1970, like the other times. */
  createdAt: number
  /** Last use. It can lag behind by up to half of the idle window. */
  lastSeenAt: number
  /** When the user logged in. */
  authenticatedAt: number | undefined
  /** When it ends without further use. */
  expiresAt: number
  /** Whether it is bound to a browser's key. */
  deviceBound: boolean
  /** Only with the option `record`. */
  userAgent: string | undefined
  /** Only with the option `record`. */
  ip: string | undefined
}

export interface SessionPage {
  /** The sessions of this page. */
  sessions: ListedSession[]
  /** Selects the next page; `undefined` on the last one. */
  cursor: string | undefined
}

interface AdministeredStore extends Pick<StorePersistence, 'store'> { env: SessionEnvironment, config: ResolvedConfig }

/** The store of a configuration. @throws SESSION_STORE_REQUIRED */
export async function administratedStore(env: SessionEnvironment, config: ResolvedConfig, call: string): Promise<AdministeredStore> {
  if (config.storage === undefined) throw storeRequired(`${call}()`)
  const { store } = await env.persistenceOf(config)
  return { env, config, store }
}

export async function list({ store }: AdministeredStore, filter: SessionFilter): Promise<SessionPage> {
  assertFilter(filter)
  const { entries, cursor } = await store.list(filter)
  const sessions = entries.map(({ key: handle, record }) => {
    const { name, userId, createdAt, lastSeenAt, authenticatedAt, expiresAt, device, userAgent, ip } = record
    return { handle, name, userId, createdAt, lastSeenAt, authenticatedAt, expiresAt, deviceBound: device !== undefined, userAgent, ip }
  })
  return { sessions, cursor }
}

export async function count({ store }: AdministeredStore, filter: Pick<SessionFilter, 'userId'>): Promise<number> {
  assertFilter(filter)
  return store.count(filter)
}

/** @returns whether this call ended it */
export async function revoke({ env, store }: Pick<AdministeredStore, 'env' | 'store'>, handle: string, until = env.now() + TOMBSTONE_MS): Promise<boolean> {
  assertHandle(handle)
  const found = await store.get(handle)
  const wasAlive = isAlive(found) && found.record.expiresAt > env.now()
  const outcome = await store.destroy(handle, { reason: 'revoked', until, userId: isAlive(found) ? found.record.userId : undefined })
  return outcome === 'destroyed' ? wasAlive : outcome === 'successor'
}

export async function revokeUser({ store }: AdministeredStore, userId: string, except: string | undefined): Promise<void> {
  assertFilter({ userId })
  if (except !== undefined) assertHandle(except)
  await store.raiseEpoch(userId, except)
}

/** Ends all sessions of a name; without a name, all in the store. */
export async function revokeAll({ store }: AdministeredStore, name: string | undefined): Promise<void> {
  if (name === '') throw configInvalid('the name "" must be the name of a session, or unset for all.')
  await store.raiseAppEpoch(name)
}

/** A user id that is unset by mistake must not select all users. @throws SESSION_CONFIG_INVALID */
function assertFilter(filter: { userId?: unknown }): void {
  const { userId } = filter
  if ('userId' in filter && (typeof userId !== 'string' || userId === ''))
    throw configInvalid(`the userId ${showValue(userId)} must be a non-empty string, such as String(user.id).`)
}

/** Administration calls never take a session id: whoever has it can use the session. @throws SESSION_CONFIG_INVALID */
function assertHandle(handle: unknown): asserts handle is string {
  if (typeof handle !== 'string' || !/^[\da-f]{64}$/.test(handle))
    throw configInvalid('a session handle must be 64 hexadecimal characters, such as session.handle or the handle of a listed session.')
}
