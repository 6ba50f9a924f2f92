import type { H3Event } from 'h3'
import { digest } from 'ohash/crypto'
import type { Transport } from '../../core/session/transport'
import { joinChunks, namesOf } from '../../core/cookie/cookies'
import { isPrefetch } from '../../core/session/prefetch'
import { readToken } from '../../core/session/token'
import { resolveConfig } from '../../core/config/resolve'
import type { ResolvedConfig } from '../../core/config/types'
import type { SessionActivity } from '../../core/session/context'
import { toRecord } from '../../core/session/persistence/stored-session'
import { encodeRecord } from '../../core/store/record'
import type { SessionRecord } from '../../core/store/store'
import type { Session } from '../../core/model/types'
import { isSocket, socketPath } from '../../adapters/shared/event'
import type { EventTransport } from '../../adapters/shared/host'
import type { ServerEnvironment } from '../environment'
import { CommandTransport } from './command-transport'
import { hasCookie, whyDenied } from './denied'
import { endOf } from './limits'
import { keySizes } from './key-sizes'
import { isLeftOut } from './left-out'
import type { ObservedMessage, ObservedSession } from './messages'
import { shorten } from './shorten'

/** Longest JSON of a session that is copied in full, in characters. A stored session may have any size. */
export const MAX_COPIED = 200_000

/** Describes what happened to a session. All data is copied, because the app may change it afterwards. */
export function describeActivity({ kind, context, reason, error, maxAuthAge, trace, data }: SessionActivity, before: ObservedSession | undefined): ObservedMessage {
  const { transport, config, state, env } = context
  const { name, record, passwordIndex, isFallback } = state
  const { caller } = transport as EventTransport
  const message: ObservedMessage = {
    type: 'observed', kind, at: env.now(), keeper: 'module', transport: state.transport, name, reason, before,
    ...describeRequest(transport),
    ...describeBrowser(name, transport, config),
    stack: trace ?? caller,
    ...trace !== undefined && { caller },
  }
  if (kind === 'clear') return message
  // It is no event, so its call is not shown.
  if (kind === 'absent') return { ...message, stack: undefined, caller: undefined }
  if (kind === 'revoke') {
    const { maxUserSessions } = config
    const explanation = `A login of the user ${shorten(record.userId ?? '')} went above maxUserSessions (${maxUserSessions}). This was the oldest session.`
    return { ...message, transport: 'unknown', handle: state.stored?.key, storage: config.storage, before: copyOf({ ...record, id: undefined }), maxUserSessions, explanation }
  }
  if (kind === 'reject') return { ...message, tokenHash: digest(readToken(transport, config)?.value ?? '') }
  // A session that began here and was not sent belongs to no browser.
  if (kind === 'fail' || kind === 'deny') {
    const described = describeError(error)
    const cause = kind === 'deny' && described.explanation !== undefined ? whyDenied(context, described.reason, maxAuthAge) : undefined
    if (cause !== undefined) described.explanation += ` ${cause}`
    const sizes = data && described.reason === 'SESSION_TOO_LARGE' ? keySizes(data) : undefined
    return { ...message, ...described, sizes, storage: config.storage, before: state.isCommitted ? copyOf(record) : undefined }
  }
  const header = state.transport === 'header' && config.sessionHeader !== false && transport.requestHeader(config.sessionHeader)
  return {
    ...message,
    session: copyOf(record),
    ...endOf(record, config),
    passwordIndex,
    isFallback,
    ...state.stored && { storage: config.storage, recordBytes: recordBytes(toRecord(record, config, record.lastSeenAt ?? record.createdAt)) },
    ...header ? { tokenHash: digest(header) } : describeCookies(name, transport),
  }
}

export function describeH3Session(name: string, session: Session, transport: EventTransport, setCookies: readonly string[] | undefined, now: number): ObservedMessage {
  const isNew = joinChunks(name, transport.requestCookies()) === undefined
  return {
    type: 'observed', at: now, keeper: 'h3', name,
    kind: isNew ? 'create' : 'update',
    transport: isNew ? 'none' : 'cookie',
    session: copyOf(session),
    ...describeRequest(transport),
    ...describeCookies(name, transport, setCookies),
  }
}

/** What `describeFailure` needs. `isPlainDevelopment`: the request came over plain HTTP, where the preset `strict` has another name. */
interface FailureEnvironment extends Pick<ServerEnvironment, 'now' | 'host'> { isPlainDevelopment: boolean }

/** Describes an error of this module that reached the response, or `undefined` for another error. */
export function describeFailure(error: object, transport: EventTransport, { now, host, isPlainDevelopment }: FailureEnvironment): ObservedMessage | undefined {
  const described = describeError(error)
  if (described.explanation === undefined) return undefined
  const [state] = Object.values(transport.states)
  const { statusCode, stack } = error as { statusCode?: number, stack?: string }
  const config = resolveConfig(state && { name: state.name }, host.sessionConfig(transport.event), { needsPassword: false, isPlainDevelopment })
  const name = state?.name ?? config.name
  // The error may come before anything has read the session.
  const token = readToken(transport, { ...config, name })
  return {
    type: 'observed', at: now(), keeper: 'module',
    kind: statusCode === 401 || statusCode === 403 ? 'deny' : 'fail',
    transport: token?.transport ?? 'none',
    name,
    before: state?.isCommitted ? copyOf(state.record) : undefined,
    ...token && { tokenHash: digest(token.value) },
    ...described,
    ...describeRequest(transport),
    ...describeBrowser(name, transport, config),
    stack: transport.caller ?? callsIn(stack),
  }
}

/**
 * Copies a session, without its data if that is longer. A BigInt becomes text: rejecting it is the commit's task. Keys
 * `__proto__` are left out, because the next read drops them.
 */
export function copyOf(session: ObservedSession, longest = MAX_COPIED): ObservedSession {
  const text = toJson(session)
  if (text.length <= longest) return JSON.parse(text)
  const cut = text.length > MAX_COPIED ? { isCut: true, sizes: keySizes(session.data) } : { isLong: true }
  return JSON.parse(toJson({ ...session, data: {}, flash: undefined, ...cut }))
}

/** A function that replaces values takes several times as long, so it is used only if there is something to replace. */
function toJson(session: ObservedSession): string {
  try {
    const text = JSON.stringify(session)
    return text.includes('"__proto__"') ? JSON.stringify(session, replace) : text
  }
  catch {
    return JSON.stringify(session, replace)
  }
}

function replace(key: string, value: unknown): unknown {
  if (key === '__proto__') return undefined
  return typeof value === 'bigint' ? String(value) : value
}

export function recordBytes(record: SessionRecord): number {
  return new TextEncoder().encode(encodeRecord(record)).length
}

export function describeRequest(transport: Transport): Pick<ObservedMessage, 'method' | 'path' | 'isPrefetch'> {
  if (transport instanceof CommandTransport) return { method: 'DevTools', path: '' }
  const { event } = transport as EventTransport
  if (isSocket(event)) return { method: 'WS', path: socketPath(event) }
  // An event of h3 2 has these too.
  const { method, path } = event as H3Event
  return { method, path: path.split('?', 1)[0]!, ...isPrefetch(transport) && { isPrefetch: true } }
}

/** Identifies a browser by its address and user agent. Private windows of one browser look the same. */
export function clientOf(transport: Transport): string {
  return digest(`${transport.address('forwarded') ?? ''} ${transport.requestHeader('user-agent') ?? ''}`)
}

/** Identifies the browser, and looks for its cookie. */
function describeBrowser(name: string, transport: Transport, config: Pick<ResolvedConfig, 'cookie'>): Pick<ObservedMessage, 'client' | 'lacksCookie'> {
  if (transport instanceof CommandTransport) return {}
  return {
    client: clientOf(transport),
    ...!hasCookie(name, transport) && !isLeftOut(config, transport) && { lacksCookie: true },
  }
}

/** Describes the session's cookies that the browser has after this response. */
export function describeCookies(name: string, transport: Transport, setCookies = transport.setCookies()): Pick<ObservedMessage, 'bytes' | 'chunks' | 'attributes' | 'origin' | 'tokenHash'> {
  const lines = new Map(setCookies.map(line => [line.slice(0, line.indexOf('=')), line]))
  // Without a prototype, since `constructor` is a name like any other.
  const values: Record<string, string> = Object.assign(Object.create(null), transport.requestCookies())
  for (const [key, line] of lines) values[key] = line.slice(key.length + 1).split(';', 1)[0]!
  const token = joinChunks(name, values)
  if (!token) return {}
  const names = namesOf(name, values).filter(key => values[key] !== '')
  return {
    bytes: names.reduce((sum, key) => sum + key.length + 1 + values[key]!.length, 0),
    chunks: Math.max(1, names.length - 1),
    ...describeSetCookie(lines.get(name), transport),
    tokenHash: digest(token),
  }
}

function describeSetCookie(line: string | undefined, transport: Transport): Pick<ObservedMessage, 'attributes' | 'origin'> {
  const host = transport.requestHeader('x-forwarded-host') ?? transport.requestHeader('host')
  if (line === undefined) return {}
  return { attributes: line.replace(/^[^;]*;?\s*/, ''), origin: host && `${transport.isSecure() ? 'https' : 'http'}://${host}` }
}

/** Returns an error's stack without its message, which may contain data of the app. */
function callsIn(stack: string | undefined): string | undefined {
  return stack?.split('\n').filter(line => /^\s*at /.test(line)).join('\n')
}

/** Describes an error of this module, without its prefix. Other errors may contain data of the app. */
function describeError(error: unknown): Pick<ObservedMessage, 'reason' | 'explanation'> {
  if (error === undefined) return {}
  const { code, data, message } = error as { code?: unknown, data?: { code?: unknown }, message: string }
  const reason = [code, data?.code].find(each => typeof each === 'string' && each.startsWith('SESSION_')) as string | undefined
  if (reason === undefined) return { reason: error instanceof Error ? error.name : 'error' }
  return { reason, explanation: message.replace(/^\[nuxt-h3-session\] \w+: /, '') }
}
