import type { Transport } from '../transport'
import type { ResolvedConfig } from '../../config/types'
import type { StoredContext } from '../context'
import type { RejectReason } from '../../model/errors'
import { expiresAt, latestEnd } from '../../model/lifetimes'
import { rejectReasonOf } from '../../model/shape'
import { isAlive } from '../../store/record'
import type { Alive, Found, SessionRecord } from '../../store/store'
import type { Session, SessionDataShape } from '../../model/types'
import type { OpenedSession, Rejected, TokenResult } from '../token'
import type { FoundSession, FindContext } from './persistence'

// Fits an IPv6 address with a zone. The client controls the header.
const MAX_ADDRESS_LENGTH = 64
const MAX_USER_AGENT_LENGTH = 256

/** The session of a record. */
export function toStoredSession(id: string, { v, expiresAt, ...record }: SessionRecord): Session<SessionDataShape> {
  return { ...record, id }
}

/** The record of a session. */
export function toRecord({ id, ...session }: Session<SessionDataShape>, config: ResolvedConfig, lastSeenAt: number): SessionRecord {
  const record = { ...session, lastSeenAt }
  return { v: 1, ...record, expiresAt: expiresAt(record, config) ?? latestEnd(record, config) }
}

/** The client's address and browser, when the session starts or gets a new id. */
export function originOf(transport: Transport, { record }: ResolvedConfig): Pick<SessionRecord, 'ip' | 'userAgent'> {
  return {
    ip: record.ip ? transport.address(record.ip)?.slice(0, MAX_ADDRESS_LENGTH) : undefined,
    userAgent: record.userAgent ? transport.requestHeader('user-agent')?.slice(0, MAX_USER_AGENT_LENGTH) : undefined,
  }
}

type StoredFindContext = FindContext & Pick<StoredContext, 'store'>

/** Finds the stored session of a reference, or a cookie session that may migrate. */
export async function findStored(context: StoredFindContext, opened: TokenResult): Promise<FoundSession | Rejected> {
  if ('reason' in opened) return opened
  if ('session' in opened) return findCookieSession(context, opened)
  const { reference: { id, sealedAt }, ...seal } = opened
  const { env, config, store } = context
  const key = env.hash(id)
  const found = await store.get(key)
  if (!isAlive(found)) return { reason: reasonOf(found) }
  const session = toStoredSession(id, found.record)
  const reason = recordRejection(session, found, config, env.now())
  return reason === undefined ? { session, stored: { id, key, known: found }, sealedAt, ...seal } : { reason }
}

/** Accepts a cookie session until `migrateUntil`, unless it has migrated or its user was logged out everywhere. */
async function findCookieSession({ env, config, store }: StoredFindContext, opened: OpenedSession): Promise<FoundSession | Rejected> {
  const { session } = opened
  if (config.migrateUntil === undefined || env.now() >= config.migrateUntil) return { reason: 'expired' }
  const key = env.hash(session.id)
  const found = await store.get(key)
  if (found !== undefined) return { reason: isAlive(found) ? 'superseded' : reasonOf(found) }
  const { userId, authenticatedAt, createdAt } = session
  if (userId !== undefined) {
    const epoch = await store.epoch(userId)
    if ((authenticatedAt ?? createdAt) <= epoch) return { reason: 'revoked' }
    // A later logout raises the epoch above this one, even during the migration.
    session.epoch = epoch
  }
  return { ...opened, migrating: { key, until: latestEnd(session, config) } }
}

/** Why a record is rejected: by the configured lifetimes, or by the end in the record. */
export function recordRejection(session: Session, found: Alive, config: ResolvedConfig, now: number): RejectReason | undefined {
  return rejectReasonOf(session, config, now) ?? (isOver(found, now) ? 'expired' : undefined)
}

/** Whether the end in the record has passed. */
export function isOver({ record }: Alive, now: number): boolean {
  return record.expiresAt <= now
}

/** Why a stored session is rejected. A missing record has expired. */
export function reasonOf(found: Exclude<Found, Alive>): RejectReason {
  if (found === undefined) return 'expired'
  return 'dead' in found ? found.dead : 'malformed'
}
