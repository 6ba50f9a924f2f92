import type { ResolvedConfig } from '../config/types'
import type { SessionEnvironment } from './context'
import { configInvalid, SessionError, showValue } from '../model/errors'
import { TOMBSTONE_MS } from '../model/lifetimes'
import type { ListFilter, SessionRecord, SessionStore } from '../store/store'
import { isAlive } from '../store/record'

/** Which sessions an administration call is about. */
export interface SessionFilter {
  /** Those bound to this user. */
  userId?: string
  /** Entries of a page; at most 1000. @default 100 */
  limit?: number
  /** `cursor` of the page before. */
  cursor?: string
}

/** A stored session as a list shows it: nothing here can be used as the session, and none of its data is here. */
export interface ListedSession {
  /** SHA-256 of the id: for `revokeSession`. */
  handle: string
  /** The session's name. */
  name: string | undefined
  /** The user that `regenerate` bound. */
  userId: string | undefined
  /** Milliseconds since 1970, as the other times. */
  createdAt: number
  /** When it was used last, to half of its idle window. */
  lastSeenAt: number
  /** When the user was bound. */
  authenticatedAt: number | undefined
  /** When it ends if nobody uses it. */
  expiresAt: number
  /** With `record`. */
  userAgent: string | undefined
  /** With `record`. */
  ip: string | undefined
}

export interface SessionPage {
  /** Of the page. */
  sessions: ListedSession[]
  /** For the next page; `undefined` on the last one. */
  cursor: string | undefined
}

interface Place { env: SessionEnvironment, config: ResolvedConfig, store: SessionStore }

/** Where a configuration keeps its sessions. @throws SESSION_STORE_REQUIRED */
export function administratedStore(env: SessionEnvironment, config: ResolvedConfig, call: string): Place {
  if (config.storage === undefined) {
    throw new SessionError('SESSION_STORE_REQUIRED',
      `${call}() needs sessions in a store; those in cookies are known to their browsers only. Set storage, such as NUXT_SESSION_STORAGE=session.`)
  }
  return { env, config, store: env.storeOf(config) }
}

export async function list({ store }: Place, filter: ListFilter): Promise<SessionPage> {
  assertFilter(filter)
  const { entries, cursor } = await store.list(filter)
  return { sessions: entries.map(({ key, record }) => toListed(key, record)), cursor }
}

export async function count({ store }: Place, filter: Pick<ListFilter, 'userId'>): Promise<number> {
  assertFilter(filter)
  return store.count(filter)
}

/** @returns whether this call ended it */
export async function revoke({ env, store }: Pick<Place, 'env' | 'store'>, handle: string, until = env.now() + TOMBSTONE_MS): Promise<boolean> {
  assertHandle(handle)
  const found = await store.get(handle)
  const wasAlive = isAlive(found) && found.record.expiresAt > env.now()
  return await store.destroy(handle, { reason: 'revoked', until }) === 'destroyed' && wasAlive
}

export async function revokeUser({ store }: Place, userId: string, except: string | undefined): Promise<void> {
  assertFilter({ userId })
  if (except !== undefined) assertHandle(except)
  await store.raiseEpoch(userId, except)
}

function toListed(handle: string, record: SessionRecord): ListedSession {
  const { name, userId, createdAt, lastSeenAt, authenticatedAt, expiresAt, userAgent, ip } = record
  return { handle, name, userId, createdAt, lastSeenAt, authenticatedAt, expiresAt, userAgent, ip }
}

/** A user id that is unset by mistake must not mean everybody. */
function assertFilter(filter: { userId?: unknown }): void {
  const { userId } = filter
  if ('userId' in filter && (typeof userId !== 'string' || userId === ''))
    throw configInvalid(`the userId ${showValue(userId)} must be a non-empty string, such as String(user.id).`)
}

/** An id in its place would be a session in the hands of who only administers. */
function assertHandle(handle: unknown): asserts handle is string {
  if (typeof handle !== 'string' || !/^[\da-f]{64}$/.test(handle))
    throw configInvalid('a session is named by its handle: session.handle, or the handle of a listed one.')
}
