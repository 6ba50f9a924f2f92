import { digest } from 'ohash/crypto'
import type { Transport } from '../../core/session/transport'
import { joinChunks, namesOf } from '../../core/cookie/cookies'
import { expiresAt } from '../../core/model/lifetimes'
import type { SessionContext, SessionActivity } from '../../core/session/context'
import { toRecord } from '../../core/session/persistence/stored-session'
import type { Session } from '../../core/model/types'
import { hasResponse } from '../../adapters/shared/event'
import type { EventTransport } from '../../adapters/shared/host'
import { CommandTransport } from './command-carrier'
import { copyOf } from './copy'
import type { ObservedMessage, ObservedSession } from './messages'
import { recordBytes } from './stored-list'

type Sent = Pick<ObservedMessage, 'bytes' | 'chunks' | 'attributes' | 'tokenHash'>

/** Turns a happening into a message. All data is copied, because the app may change it afterwards. */
export function describeActivity({ kind, context, reason }: SessionActivity, before: ObservedSession | undefined): ObservedMessage {
  const { transport, config, state, env } = context
  const hasEnded = kind === 'clear' || kind === 'reject'
  return {
    type: 'observed',
    kind,
    at: env.now(),
    ...describeRequest(transport),
    frame: callerFrame((transport as EventTransport).caller),
    keeper: 'module',
    carrier: state.origin,
    name: state.name,
    reason,
    session: hasEnded ? undefined : copyOf(state.record),
    before,
    expiresAt: hasEnded ? undefined : expiresAt(state.record, config),
    passwordIndex: state.passwordIndex,
    isFallback: state.isFallback,
    ...describeStored(context),
    ...hasEnded ? {} : describeSent(state.name, transport, state.origin === 'header' && config.sessionHeader !== false ? transport.requestHeader(config.sessionHeader) : undefined),
  }
}

/** The same for a session of h3's own `useSession`. */
export function describeH3Session(name: string, session: Session, transport: EventTransport, now: number): ObservedMessage {
  const isNew = joinChunks(name, transport.requestCookies()) === undefined
  return {
    type: 'observed',
    kind: isNew ? 'create' : 'update',
    at: now,
    ...describeRequest(transport),
    keeper: 'h3',
    carrier: isNew ? 'none' : 'cookie',
    name,
    session: copyOf(session),
    ...describeSent(name, transport, undefined),
  }
}

function describeStored({ config, state }: SessionContext): Pick<ObservedMessage, 'storage' | 'recordBytes'> {
  if (!state.stored) return {}
  const { record } = state
  return { storage: config.storage, recordBytes: recordBytes(toRecord(record, config, record.lastSeenAt ?? record.createdAt)) }
}

function describeRequest(transport: Transport) {
  if (transport instanceof CommandTransport) return { method: 'DevTools', path: '' }
  const { event } = transport as EventTransport
  if (!hasResponse(event)) return { method: 'WS', path: '' }
  return { method: event.method, path: event.path.split('?', 1)[0]! }
}

function describeSent(name: string, transport: Pick<EventTransport, 'requestCookies' | 'setCookies'>, header: string | undefined): Sent {
  if (header) return { tokenHash: digest(header) }
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
