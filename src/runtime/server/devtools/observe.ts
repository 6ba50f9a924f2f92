import { digest } from 'ohash/crypto'
import type { Carrier } from '../../core/carrier'
import { joinChunks, namesOf } from '../../core/chunks'
import { expiresAt } from '../../core/expiry'
import type { SessionContext } from '../../core/context'
import type { Happening } from '../../core/observer'
import { toRecord } from '../../core/stored-session'
import type { Session } from '../../core/types'
import { hasResponse } from '../../h3/event'
import type { EventCarrier } from '../../h3/event-carrier'
import { CommandCarrier } from './command-carrier'
import { copyOf } from './copy'
import type { ObservedMessage, ObservedSession } from './messages'
import { recordBytes } from './stored-list'

type Sent = Pick<ObservedMessage, 'bytes' | 'chunks' | 'attributes' | 'tokenHash'>

/** Tells a happening as a message: copies only, so that what the app does next changes nothing of it. */
export function describeHappening({ kind, context, reason }: Happening, before: ObservedSession | undefined): ObservedMessage {
  const { carrier, config, state, env } = context
  const isOver = kind === 'clear' || kind === 'reject'
  return {
    type: 'observed',
    kind,
    at: env.now(),
    ...describeRequest(carrier),
    frame: callerFrame((carrier as EventCarrier).caller),
    keeper: 'module',
    carrier: state.origin,
    name: state.name,
    reason,
    session: isOver ? undefined : copyOf(state.record),
    before,
    expiresAt: isOver ? undefined : expiresAt(state.record, config),
    passwordIndex: state.passwordIndex,
    isFallback: state.isFallback,
    ...describeStored(context),
    ...isOver ? {} : describeSent(state.name, carrier, state.origin === 'header' && config.sessionHeader !== false ? carrier.requestHeader(config.sessionHeader) : undefined),
  }
}

/** The same for a session that h3's own functions kept. */
export function describeH3Session(name: string, session: Session, carrier: EventCarrier, now: number): ObservedMessage {
  const isNew = joinChunks(name, carrier.requestCookies()) === undefined
  return {
    type: 'observed',
    kind: isNew ? 'create' : 'update',
    at: now,
    ...describeRequest(carrier),
    keeper: 'h3',
    carrier: isNew ? 'none' : 'cookie',
    name,
    session: copyOf(session),
    ...describeSent(name, carrier, undefined),
  }
}

function describeStored({ config, state }: SessionContext): Pick<ObservedMessage, 'storage' | 'recordBytes'> {
  if (!state.stored) return {}
  const { record } = state
  return { storage: config.storage, recordBytes: recordBytes(toRecord(record, config, record.lastSeenAt ?? record.createdAt)) }
}

function describeRequest(carrier: Carrier) {
  if (carrier instanceof CommandCarrier) return { method: 'DevTools', path: '' }
  const { event } = carrier as EventCarrier
  if (!hasResponse(event)) return { method: 'WS', path: '' }
  return { method: event.method, path: event.path.split('?', 1)[0]! }
}

function describeSent(name: string, carrier: Pick<EventCarrier, 'requestCookies' | 'setCookies'>, header: string | undefined): Sent {
  if (header) return { tokenHash: digest(header) }
  const lines = new Map(carrier.setCookies().map(line => [line.slice(0, line.indexOf('=')), line]))
  const values = { ...carrier.requestCookies() }
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

// Frames of our own functions, which stand above the handler's.
const OWN_FRAME = /^Error|\b(?:openEvent|useSession|getSession|updateSession|regenerateSession|clearSession|sealSession|requireSession)\b/

/** The line of the stack that called us: the handler, or a helper of the app. */
function callerFrame(stack: string | undefined): string | undefined {
  return stack?.split('\n').find(line => !OWN_FRAME.test(line.trim()))?.trim()
}
