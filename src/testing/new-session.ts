import { randomBytes } from 'node:crypto'
import { configInvalid, showValue } from '../runtime/core/model/errors'
import { toSeconds } from '../runtime/core/config/parse'
import { isFilledString, isTime, mergeData } from '../runtime/core/model/data'
import { assertSessionSerializable } from '../runtime/core/model/serializable'
import type { Session, SessionDataShape } from '../runtime/core/model/types'
import type { TestContext } from './test-options'

/** The properties of a session besides its data. */
export interface NewSessionOptions {
  /** @default 32 random bytes as base64url */
  id?: string
  /** Binds the session to this user, like `regenerate({ userId })` at login. Not empty. */
  userId?: string
  /** Start of the session in milliseconds since 1970. Its last use is at `now`. @default now() */
  createdAt?: number
  /** Time of the login in milliseconds since 1970. @default createdAt, if there is a `userId` */
  authenticatedAt?: number
  /** The session's own lifetime in seconds from `createdAt`, as in `regenerate({ maxAge })`. @default unset */
  ownMaxAge?: number
  /** Values for the next `session.flash(key)`. @default none */
  flash?: Record<string, unknown>
}

const ID_BYTES = 32

/** The session as the server would create it. @throws SESSION_NOT_SERIALIZABLE, SESSION_CONFIG_INVALID */
export function toNewSession(data: unknown, options: NewSessionOptions, { config, now, store }: TestContext): Session<SessionDataShape> {
  const usedAt = toTime(now(), 'now()')
  const createdAt = toTime(options.createdAt ?? usedAt, 'createdAt')
  const session = {
    id: toFilledText(options.id ?? randomBytes(ID_BYTES).toString('base64url'), 'id'),
    createdAt,
    data: mergeData({}, data),
    name: config.name,
    ...(config.idleTimeout !== undefined || store) && { lastSeenAt: usedAt },
    ...loginOf(options, createdAt),
    ...options.ownMaxAge !== undefined && { maxAge: toSeconds(options.ownMaxAge, 'ownMaxAge') },
    ...options.flash && { flash: mergeData({}, options.flash) },
  }
  assertSessionSerializable(session)
  return session
}

function loginOf({ userId, authenticatedAt }: NewSessionOptions, createdAt: number): Pick<Session, 'userId' | 'authenticatedAt'> {
  if (userId !== undefined) return { userId: toFilledText(userId, 'userId'), authenticatedAt: toTime(authenticatedAt ?? createdAt, 'authenticatedAt') }
  if (authenticatedAt === undefined) return {}
  throw configInvalid('authenticatedAt was given without a userId. Set both, or neither.')
}

function toTime(value: unknown, key: string): number {
  if (isTime(value)) return value
  throw configInvalid(`${key} ${showValue(value)} must be a number of milliseconds since 1970.`)
}

function toFilledText(value: unknown, key: string): string {
  if (isFilledString(value)) return value
  throw configInvalid(`the ${key} ${showValue(value)} must be a non-empty string, such as String(user.id).`)
}
