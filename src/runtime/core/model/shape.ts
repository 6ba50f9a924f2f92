import { isDataObject, isFilledString, isTime } from './data'
import type { RejectReason } from './errors'
import { endedBy } from './lifetimes'
import type { Lifetimes } from './lifetimes'
import type { Session, SessionDataShape } from './types'

/** The name of sessions for which no other is configured. */
export const DEFAULT_NAME = 'h3'

/** The content of the cookie of a stored session. */
export interface SessionReference {
  id: string
  name?: string
  /** Milliseconds since 1970; unset in seals of earlier versions. */
  sealedAt?: number
  /** The session's user when it was sealed. Only tells the store what else to read; the record says whose session it is. */
  userId?: string
}

export function isReference(value: unknown): value is SessionReference {
  return isDataObject(value) && isFilledString(value.id) && value.data === undefined
    && (value.name === undefined || typeof value.name === 'string')
    && (value.sealedAt === undefined || isTime(value.sealedAt))
    && (value.userId === undefined || isFilledString(value.userId))
}

export function isSession(value: unknown): value is Session<SessionDataShape> {
  if (!isDataObject(value)) return false
  const { id, createdAt, data, name, lastSeenAt, userId, authenticatedAt, maxAge, idleTimeout, flash } = value
  return isFilledString(id) && isTime(createdAt) && isDataObject(data)
    && (name === undefined || typeof name === 'string')
    && (lastSeenAt === undefined || isTime(lastSeenAt))
    && (userId === undefined || isFilledString(userId))
    && (authenticatedAt === undefined || isTime(authenticatedAt))
    && (maxAge === undefined || (typeof maxAge === 'number' && maxAge > 0))
    && (idleTimeout === undefined || isIdleTimeout(idleTimeout))
    && (flash === undefined || isDataObject(flash))
}

/** Whether this is a session's own idle timeout: seconds, or `false` for none. */
export function isIdleTimeout(value: unknown): boolean {
  return value === false || (isTime(value) && value > 0)
}

// The limit for data when writing, plus the session around the data.
const MAX_DEPTH = 510

/** Whether JSON is nested deeper than this module ever writes. Parsing it could overflow the stack. */
export function isTooDeep(json: string): boolean {
  if (json.length < 2 * MAX_DEPTH) return false
  let depth = 0
  let isInString = false
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at)
    if (isInString) {
      if (code === 0x5C) at++
      else if (code === 0x22) isInString = false
    }
    else if (code === 0x22) isInString = true
    else if (code === 0x5B || code === 0x7B) {
      if (++depth > MAX_DEPTH) return true
    }
    else if (code === 0x5D || code === 0x7D) depth--
  }
  return false
}

interface NameRule { name: string, acceptUnnamed: boolean }

/** Returns why an authentic session is rejected, or `undefined` if it is valid. */
export function rejectReasonOf(session: Session, config: Lifetimes & NameRule, now: number): RejectReason | undefined {
  return isOfName(session, config) ? endedBy(session, config, now) : 'foreign'
}

/** Whether a seal is of this session, and not of another session of the app. */
export function isOfName({ name }: { name?: string }, config: NameRule): boolean {
  return name === undefined ? config.acceptUnnamed : name === config.name
}

/** Longer tokens are rejected before any crypto. */
export const MAX_TOKEN_LENGTH = 16 * 1024
