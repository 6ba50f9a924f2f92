import type { Transport } from '../transport'
import type { ResolvedConfig } from '../../config/types'
import type { StoredContext } from '../context'
import type { RejectReason } from '../../model/errors'
import { expiresAt, latestEnd } from '../../model/lifetimes'
import { refusalOf } from '../../model/shape'
import { isAlive } from '../../store/record'
import type { Alive, Found, SessionRecord } from '../../store/store'
import type { Session, SessionDataShape } from '../../model/types'
import type { OpenedSession, Rejected, TokenResult } from '../token'
import type { FoundSession, FindContext } from './persistence'

// An IPv6 address with a zone; the header is the client's to write.
const MAX_ADDRESS_LENGTH = 64
// A user agent longer than this says nothing more.
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

/** What is kept of the request that began the session, or gave it a new id. */
export function originOf(transport: Transport, { record }: ResolvedConfig): Pick<SessionRecord, 'ip' | 'userAgent'> {
  return {
    ip: record.ip ? transport.address(record.ip)?.slice(0, MAX_ADDRESS_LENGTH) : undefined,
    userAgent: record.userAgent ? transport.requestHeader('user-agent')?.slice(0, MAX_USER_AGENT_LENGTH) : undefined,
  }
}

type StoredFindContext = FindContext & Pick<StoredContext, 'store'>

/** The session that a token names, or holds and brings into the store. */
export async function findStored(place: StoredFindContext, opened: TokenResult): Promise<FoundSession | Rejected> {
  if ('reason' in opened) return opened
  if ('session' in opened) return findCookieSession(place, opened)
  const { reference: { id, sealedAt }, ...seal } = opened
  const { env, config, store } = place
  const key = env.hash(id)
  const found = await store.get(key)
  if (!isAlive(found)) return { reason: reasonOf(found) }
  const session = toStoredSession(id, found.record)
  const reason = recordRejection(session, found, config, env.now())
  return reason === undefined ? { session, stored: { id, key, known: found }, sealedAt, ...seal } : { reason }
}

/** A whole session is accepted until `migrateUntil`, unless it moved, or its user was logged out everywhere. */
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
    // What is raised from now on is above it, wherever the move is by then.
    session.epoch = epoch
  }
  return { ...opened, migrating: { key, until: latestEnd(session, config) } }
}

/** Why a record is no session any more: by the lifetimes that are configured now, or by the end that it was written with. */
export function recordRejection(session: Session, found: Alive, config: ResolvedConfig, now: number): RejectReason | undefined {
  return refusalOf(session, config, now) ?? (isOver(found, now) ? 'expired' : undefined)
}

/** Whether the end has come that a record was written with. */
export function isOver({ record }: Alive, now: number): boolean {
  return record.expiresAt <= now
}

/** Why what the store has is no session; a record that is gone has ended. */
export function reasonOf(found: Exclude<Found, Alive>): RejectReason {
  if (found === undefined) return 'expired'
  return 'dead' in found ? found.dead : 'malformed'
}
