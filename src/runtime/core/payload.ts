import type { ResolvedConfig } from './config'
import { dropProtoKeys, isDataObject } from './data'
import type { RejectReason } from './errors'
import { endedBy } from './expiry'
import type { Session, SessionDataShape } from './types'

const OPTIONAL: Record<string, (value: unknown) => boolean> = {
  name: value => typeof value === 'string',
  lastSeenAt: isTime,
  userId: isFilledString,
  authenticatedAt: isTime,
  maxAge: value => typeof value === 'number' && value > 0,
  flash: isDataObject,
}

/** What was sealed as a session, or `undefined` where it is none. */
export function toSession(value: unknown): Session<SessionDataShape> | undefined {
  if (!isDataObject(value)) return undefined
  if (!isFilledString(value.id) || !isTime(value.createdAt) || !isDataObject(value.data)) return undefined
  for (const key in OPTIONAL) {
    if (value[key] !== undefined && !OPTIONAL[key]!(value[key])) return undefined
  }
  dropProtoKeys(value)
  return value as Session<SessionDataShape>
}

/** Why an authentic session is none here and now, if it is not. */
export function refusalOf(session: Session, config: ResolvedConfig, now: number): RejectReason | undefined {
  const isOwn = session.name === undefined ? config.acceptUnnamed : session.name === config.name
  return isOwn ? endedBy(session, config, now) : 'foreign'
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isFilledString(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
