import type { ResolvedConfig } from '../../config/types'
import type { FindContext, FoundSession, SessionContext } from '../context'
import type { RejectReason } from '../../model/errors'
import { expiresAt, latestEnd, TOMBSTONE_MS } from '../../model/lifetimes'
import { rejectReasonOf } from '../../model/shape'
import { isAlive, isEnded } from '../../store/record'
import type { Alive, Found, SessionRecord, SessionStore } from '../../store/store'
import type { Session, SessionDataShape } from '../../model/types'
import type { OpenedSession, Rejected, TokenResult } from '../token'
import { SessionError } from '../../model/errors'
import { loadOnce } from '../../utils/lazily'
import { sealReference } from '../../seal/reference'
import { assertCanSend, send } from '../response'
import { unsend } from './unsend'
import { assertSessionSerializable } from '../../model/serializable'

// Fits an IPv6 address with a zone. The client controls the header.
const MAX_ADDRESS_LENGTH = 64
const MAX_USER_AGENT_LENGTH = 256

export interface StoredContext extends SessionContext { readonly store: SessionStore }

export function toStoredSession(id: string, { expiresAt, ...record }: SessionRecord): Session<SessionDataShape> {
  return { ...record, id }
}

export function toRecord({ id, ...session }: Session<SessionDataShape>, config: ResolvedConfig, lastSeenAt: number): SessionRecord {
  const record = { ...session, lastSeenAt }
  return { ...record, expiresAt: expiresAt(record, config) ?? latestEnd(record, config) }
}

/** The client's address and browser, when the session starts or gets a new id. */
function originOf({ transport, config: { record } }: StoredContext): Pick<SessionRecord, 'ip' | 'userAgent'> {
  return {
    ip: record.ip ? transport.address(record.ip)?.slice(0, MAX_ADDRESS_LENGTH) : undefined,
    userAgent: record.userAgent ? transport.requestHeader('user-agent')?.slice(0, MAX_USER_AGENT_LENGTH) : undefined,
  }
}

/** Apps without bound sessions do not load its code. */
export const loadBinding = loadOnce(() => import('../device/binding'))

type StoredFindContext = FindContext & { readonly store: SessionStore }

/** Finds the stored session of a reference, or a cookie session that may migrate. Rejects a revoked token. */
export async function findStored(context: StoredFindContext, opened: TokenResult): Promise<FoundSession | Rejected> {
  if ('reason' in opened) return opened
  if ('session' in opened) return findCookieSession(context, opened)
  const { reference: { id, sealedAt, userId }, ...seal } = opened
  const { env, config, store } = context
  const key = env.hash(id)
  const found = await store.get(key, userId)
  if (!isAlive(found)) return toRejected(found)
  const session = toStoredSession(id, found.record)
  const reason = recordRejection(session, found, config, env.now())
  if (reason !== undefined) return { reason }
  const result = { session, stored: { id, key, known: found }, sealedAt, ...seal }
  if (session.device === undefined || context.isProving) return result
  const { requireProof } = await loadBinding()
  return requireProof(context, result, key, session.device)
}

/** Accepts a cookie session until `migrateUntil`, unless it has migrated, or its user or everybody was logged out everywhere. */
async function findCookieSession({ env, config, store }: StoredFindContext, opened: OpenedSession): Promise<FoundSession | Rejected> {
  const { session } = opened
  if (config.migrateUntil === undefined || env.now() >= config.migrateUntil) return { reason: 'expired' }
  const key = env.hash(session.id)
  const found = await store.get(key)
  if (found !== undefined) return isAlive(found) ? { reason: 'superseded' } : toRejected(found)
  const { userId, authenticatedAt, createdAt } = session
  const [appEpoch, epoch] = await Promise.all([store.appEpoch(config.name), userId === undefined ? undefined : store.epoch(userId)])
  // The time of the login may be earlier than its binding, which restarts `createdAt`.
  if (Math.max(authenticatedAt ?? 0, createdAt) <= Math.max(appEpoch, epoch ?? 0)) return { reason: 'revoked' }
  // A later logout raises an epoch above these, even during the migration.
  if (appEpoch) session.appEpoch = appEpoch
  if (epoch !== undefined) session.epoch = epoch
  return { ...opened, migrating: { key, until: latestEnd(session, config) } }
}

/** Why a record is rejected: by the configured lifetimes, or by the end in the record. */
export function recordRejection(session: Session, found: Alive, config: ResolvedConfig, now: number): RejectReason | undefined {
  return rejectReasonOf(session, config, now) ?? (isOver(found, now) ? 'expired' : undefined)
}

export function isOver({ record }: Alive, now: number): boolean {
  return record.expiresAt <= now
}

export function toRejected(found: Exclude<Found, Alive>): Rejected {
  return { reason: reasonOf(found), successor: isEnded(found) ? found.successor : undefined }
}

/** Why a token is rejected: revoked or superseded by its tombstone, or expired if the store has nothing. */
export function reasonOf(found: Exclude<Found, Alive>): RejectReason {
  if (found === undefined) return 'expired'
  return isEnded(found) ? found.dead : 'malformed'
}

/** The session has its new id, but the store did not confirm the end of the old one, or of the user's oldest sessions. */
export class UncertainError extends SessionError {
  constructor(what: string, cause: SessionError) {
    super('SESSION_STORE_UNAVAILABLE',
      `the session has a new id, but the store did not confirm the end of ${what}, which may or may not have been written. The new session and its cookie stay. See the cause.`,
      { cause })
  }
}

/** Whether this is a login that is not stored yet: it binds the user anew, and its epoch is read when it is stored. */
export function isBinding({ userId, epoch }: Session): boolean {
  return userId !== undefined && epoch === undefined
}

/**
 * Stores the session under a new key and sends its token. `endPrevious` ends the old id or the migrated cookie session.
 * If that fails, the new session is discarded. If its outcome is unknown, the new session stays, because the visitor
 * might otherwise have none. In the worst case both exist until they expire. @throws UncertainError
 */
export async function createStored(context: StoredContext, endPrevious: (successor: string) => Promise<void>): Promise<void> {
  const { transport, config, env, state, store } = context
  assertCanSend(context)
  Object.assign(state.record, originOf(context))
  const isNewLogin = isBinding(state.record)
  const isLogin = isNewLogin || (state.record.userId !== undefined && state.migrating !== undefined)
  const isOffered = (isNewLogin || (state.isLogin === true && state.record.userId !== undefined)) && config.deviceBound !== undefined
  const binding = isOffered || state.record.device !== undefined ? await loadBinding() : undefined
  const record = await recordOf(context)
  const token = await sealReference(state.record, config, env.now())
  const key = env.hash(state.record.id)
  const lines = [...transport.setCookies()]
  const header = state.sentHeader
  await store.create(key, record).catch((error: unknown) => {
    // If the write takes effect late, nobody has the id, but lists would contain it. The visitor does not wait for this.
    if (isOfUnknownOutcome(error)) void store.abandon(key, env.now() + TOMBSTONE_MS)
    throw error
  })
  const finish = async () => {
    state.stored = { id: state.record.id, key, known: undefined }
    state.migrating = undefined
    state.markSent()
    state.isLogin ||= isNewLogin
    await binding?.sendBinding(context, key, isOffered)
  }
  try {
    assertCanSend(context)
    await send(context, token)
    await endPrevious(key)
  }
  catch (error) {
    if (isOfUnknownOutcome(error)) {
      await finish()
      throw new UncertainError('the old one, whose id may be usable until it expires', error)
    }
    unsend(context, lines, header)
    await store.abandon(key, env.now() + TOMBSTONE_MS)
    throw error
  }
  await finish()
  if (isLogin && config.maxUserSessions !== undefined) await endOldest(context, key, record, config.maxUserSessions)
}

/** Ends the user's oldest sessions last, because a login that fails ends none. @throws UncertainError */
async function endOldest({ state, store }: StoredContext, key: string, record: SessionRecord, max: number): Promise<void> {
  try {
    state.ended = await store.endOldest(key, record, max)
  }
  catch (error) {
    throw isOfUnknownOutcome(error) ? new UncertainError('the user\'s oldest sessions, which the next login ends', error) : error
  }
}

/**
 * Sets the epochs that the session lacks. A later logout everywhere raises one above them. A record that is already in
 * the store does not get the app's. @throws SESSION_STORE_UNAVAILABLE
 */
export async function setEpochs(session: Session, store: SessionStore, isCommitted = false): Promise<void> {
  const { name, userId } = session
  const [appEpoch, epoch] = await Promise.all([
    !isCommitted && session.appEpoch === undefined ? store.appEpoch(name) : session.appEpoch,
    userId !== undefined && session.epoch === undefined ? store.epoch(userId) : session.epoch,
  ])
  if (appEpoch) session.appEpoch = appEpoch
  if (epoch !== undefined) session.epoch = epoch
}

/**
 * The session's record, with the current time as its last use. A new id inherits the app's epoch.
 * @throws SESSION_NOT_SERIALIZABLE, SESSION_STORE_UNAVAILABLE
 */
export async function recordOf(context: StoredContext): Promise<SessionRecord> {
  const { config, env, state: { record, isCommitted }, store } = context
  const now = env.now()
  assertSessionSerializable(record, env)
  record.name = config.name
  record.lastSeenAt = now
  await setEpochs(record, store, isCommitted)
  return toRecord(record, config, now)
}

function isOfUnknownOutcome(error: unknown): error is SessionError {
  return error instanceof SessionError && error.code === 'SESSION_STORE_UNAVAILABLE'
}
