import { digest } from 'ohash/crypto'
import type { Transport } from '../../core/session/transport'
import { joinChunks, namesOf } from '../../core/cookie/cookies'
import { expiresAt } from '../../core/model/lifetimes'
import type { SessionActivity } from '../../core/session/context'
import { toRecord } from '../../core/session/persistence/stored-session'
import { encodeRecord } from '../../core/store/record'
import type { SessionRecord } from '../../core/store/store'
import type { Session } from '../../core/model/types'
import { hasResponse } from '../../adapters/shared/event'
import type { EventTransport } from '../../adapters/shared/host'
import { CommandTransport } from './command-transport'
import type { ObservedMessage, ObservedSession } from './messages'

/** Longest JSON of a session that is copied in full, in characters. A stored session may have any size. */
export const MAX_COPIED = 200_000

/** Describes what happened to a session. All data is copied, because the app may change it afterwards. */
export function describeActivity({ kind, context, reason }: SessionActivity, before: ObservedSession | undefined): ObservedMessage {
  const { transport, config, state, env } = context
  const { name, record, origin, passwordIndex, isFallback } = state
  const message: ObservedMessage = {
    type: 'observed', kind, at: env.now(), keeper: 'module', carrier: origin, name, reason, before,
    ...describeRequest(transport),
    frame: callerFrame((transport as EventTransport).caller),
  }
  if (kind === 'clear' || kind === 'reject') return message
  const header = origin === 'header' && config.sessionHeader !== false && transport.requestHeader(config.sessionHeader)
  return {
    ...message,
    session: copyOf(record),
    expiresAt: expiresAt(record, config),
    passwordIndex,
    isFallback,
    ...state.stored && { storage: config.storage, recordBytes: recordBytes(toRecord(record, config, record.lastSeenAt ?? record.createdAt)) },
    ...header ? { tokenHash: digest(header) } : describeCookies(name, transport),
  }
}

export function describeH3Session(name: string, session: Session, transport: EventTransport, now: number): ObservedMessage {
  const isNew = joinChunks(name, transport.requestCookies()) === undefined
  return {
    type: 'observed', at: now, keeper: 'h3', name,
    kind: isNew ? 'create' : 'update',
    carrier: isNew ? 'none' : 'cookie',
    session: copyOf(session),
    ...describeRequest(transport),
    ...describeCookies(name, transport),
  }
}

/** Copies a session, without its data if that is too large. A BigInt becomes text: rejecting it is the commit's task. */
export function copyOf(session: ObservedSession): ObservedSession {
  const toJson = (copied: ObservedSession) => JSON.stringify(copied, (_, value) => typeof value === 'bigint' ? String(value) : value)
  const text = toJson(session)
  return JSON.parse(text.length <= MAX_COPIED ? text : toJson({ ...session, data: {}, flash: undefined, isCut: true }))
}

export function recordBytes(record: SessionRecord): number {
  return new TextEncoder().encode(encodeRecord(record)).length
}

function describeRequest(transport: Transport): Pick<ObservedMessage, 'method' | 'path'> {
  if (transport instanceof CommandTransport) return { method: 'DevTools', path: '' }
  const { event } = transport as EventTransport
  if (!hasResponse(event)) return { method: 'WS', path: '' }
  return { method: event.method, path: event.path.split('?', 1)[0]! }
}

/** Describes the session's cookies that the browser has after this response. */
function describeCookies(name: string, transport: Transport): Pick<ObservedMessage, 'bytes' | 'chunks' | 'attributes' | 'tokenHash'> {
  const lines = new Map(transport.setCookies().map(line => [line.slice(0, line.indexOf('=')), line]))
  const values = { ...transport.requestCookies() }
  for (const [key, line] of lines) values[key] = line.slice(key.length + 1).split(';', 1)[0]!
  const token = joinChunks(name, values)
  if (!token) return {}
  const names = namesOf(name, values).filter(key => values[key] !== '')
  return {
    bytes: names.reduce((sum, key) => sum + key.length + 1 + values[key]!.length, 0),
    chunks: Math.max(1, names.length - 1),
    attributes: lines.get(name)?.replace(/^[^;]*;?\s*/, ''),
    tokenHash: digest(token),
  }
}

// Stack frames of this module's own functions, which come before the handler's.
const OWN_FRAME = /^Error|\b(?:openEvent|useSession|getSession|updateSession|regenerateSession|clearSession|sealSession|requireSession)\b/

/** Returns the stack frame of the caller: the handler, or a helper of the app. */
function callerFrame(stack: string | undefined): string | undefined {
  return stack?.split('\n').find(line => !OWN_FRAME.test(line.trim()))?.trim()
}
