import type { Session } from '../../core/model/types'
import type { SessionActivity } from '../../core/session/context'
import type { SessionState } from '../../core/session/state'
import { readToken } from '../../core/session/token'
import type { SessionEvent } from '../../adapters/shared/event'
import type { EventTransport } from '../../adapters/shared/host'
import { useEnvironment } from '../environment'
import type { ServerEnvironment } from '../environment'
import { isPlainDevelopment } from '../open'
import { isClientCall } from './client-call'
import { runCommand } from './commands'
import { CommandTransport } from './command-transport'
import { describeCookieUse } from './cookie-use'
import { describeDevice } from './device'
import { KnownOptions } from './known-options'
import type { ObservedMessage, ObservedSession, SentReport, WorkerReport } from './messages'
import { copyOf, describeActivity, describeFailure, describeH3Session, describeRequest } from './observe'
import { openPanelChannel } from './panel-channel'
import { quietly } from './quietly'
import { RecordedRequests } from './recorded-requests'
import { skippedReason } from './skipped-reason'
import { inspectToken, toVerdict } from './token-verdict'

/**
 * A response, when its headers are sent: the browser then stores its cookies, also if it goes on for long. No status if the
 * connection was closed before. Set-Cookie lines only if the event no longer has them.
 */
export interface SentResponse { status?: number, setCookies?: readonly string[] }

/** What the recorder needs of the server's framework. */
export interface RecordedServer {
  onRequest: (begin: (event: SessionEvent) => (response: SentResponse) => void) => void
  /** The Set-Cookie lines of a response that this module has set. */
  ownCookies: (event: SessionEvent) => readonly string[]
  onError: (report: (error: object, event: SessionEvent) => void) => void
  onClose: (close: () => void) => void
}

/** What records one kind of message. */
interface Recorder {
  env: ServerEnvironment
  requests: RecordedRequests
  report: (report: WorkerReport) => void
  /** Reports what happened to a session in a request. */
  reportIn: (event: SessionEvent, message: ObservedMessage) => void
  /** Reports the response of a request that was sent before anything was observed in it. After the first message about it. */
  reportEnd: (event: SessionEvent) => void
  /** Errors that a session has reported. */
  reported: WeakSet<object>
}

/** Reports what happens to sessions to DevTools, and runs the panel's commands. */
export function recordSessions({ onRequest, ownCookies, onError, onClose }: RecordedServer): void {
  const channel = openPanelChannel()
  if (!channel) return
  const { report, close } = channel
  const env = useEnvironment()
  const known = new KnownOptions()
  const requests = new RecordedRequests(env)
  const reportEnd = (event: SessionEvent) => {
    const request = requests.of(event)
    if (request.end) report(request.end)
    request.end = undefined
  }
  const reportIn: Recorder['reportIn'] = (event, message) => {
    report({ ...message, ...requests.observe(event) })
    reportEnd(event)
  }
  const recorder: Recorder = { env, report, reportIn, reportEnd, requests, reported: new WeakSet() }
  env.trace = currentStack
  env.observe = recordActivity(recorder, known)
  env.observeRevocation = recordRevocation(recorder)
  env.observeDevice = recordDevice(recorder)
  onRequest(event => recordAnswer(recorder, event, known, ownCookies))
  env.observeFailure = (error, event) => recordFailure(recorder, error, event)
  onError(env.observeFailure)
  channel.onCommand(command => runCommand(command, known, report))
  onClose(close)
}

function recordActivity({ env, requests, report, reportIn, reported }: Recorder, known: KnownOptions): ServerEnvironment['observe'] {
  const previous = new WeakMap<SessionState, ObservedSession>()
  return activity => quietly(() => {
    const { state, transport } = activity.context
    if (!(transport instanceof CommandTransport)) known.see(activity.context, activity.kind)
    const { event, answered } = transport as EventTransport
    const { id: request, startedAt } = requests.of(event)
    const message: ObservedMessage = { ...describeActivity(activity, previous.get(state)), request, startedAt }
    if (activity.kind === 'deny') message.configured = known.configured
    if (activity.kind === 'clear') message.isClientCall = isClientCall(message, env.host)
    if (activity.kind === 'reject') void explain(env, message.verdict = env.generateId(), activity).then(report, () => undefined)
    if (activity.kind === 'absent') return report(message)
    const { request: answeredBy } = requests.observe(answered)
    if (answeredBy !== request) message.answeredBy = answeredBy
    if (typeof activity.error === 'object') reported.add(activity.error!)
    reportIn(event, message)
    if (message.session || !activity.error) previous.set(state, message.session ?? copyOf(state.record))
  })
}

function recordRevocation({ env, requests, report, reportEnd }: Recorder): ServerEnvironment['observeRevocation'] {
  return ({ event, config: { name, storage }, handle, group, trace }) => quietly(() => {
    report({
      type: 'observed', kind: 'revoke', at: env.now(), keeper: 'module', transport: 'unknown', name, storage, handle, group,
      request: event && requests.observe(event).request,
      ...event ? describeRequest(env.host.transportOf(event)) : { method: '', path: '' },
      stack: trace,
    })
    if (event) reportEnd(event)
  })
}

function recordDevice({ env, reportIn }: Recorder): ServerEnvironment['observeDevice'] {
  return activity => quietly(() => {
    const message = describeDevice(activity, env)
    if (message) reportIn(activity.event, message)
  })
}

/** Reports the answer to a request, the sessions that only h3's own functions have used, and what became of the cookies of others. */
function recordAnswer({ env, requests, report }: Recorder, event: SessionEvent, known: KnownOptions, ownCookies: RecordedServer['ownCookies']): (response: SentResponse) => void {
  const request = requests.of(event)
  const { id, startedAt } = request
  return ({ status, setCookies }) => quietly(() => {
    const at = env.now()
    const sessions = h3Sessions(event, setCookies, at)
    for (const message of sessions) report({ ...message, request: id })
    const end: SentReport = { type: 'sent', request: id, at, status, duration: at - startedAt }
    if (request.isObserved || sessions.length > 0) report(end)
    else request.end = end
    // A client that has left has no cookie of the response.
    const all = status === undefined ? [] : setCookies ?? env.host.transportOf(event).setCookies()
    const lines = { all, own: all.length === 0 ? [] : ownCookies(event) }
    for (const message of describeCookieUse(event, env.host, known, lines, at)) report({ ...message, request: id, startedAt })
  })
}

/** Reports an error that no session could report, such as of a write that was refused at once. */
function recordFailure({ env, reportIn, reported }: Recorder, error: object, event: SessionEvent): void {
  quietly(() => {
    const causes = [error, (error as Error).cause].filter(each => typeof each === 'object' && each !== null)
    if (causes.some(cause => reported.has(cause))) return
    const facts = { now: env.now, host: env.host, isPlainDevelopment: isPlainDevelopment(event) }
    const message = causes.map(cause => describeFailure(cause, env.host.transportOf(event), facts)).find(each => each !== undefined)
    if (message) reportIn(event, message)
  })
}

async function explain(env: ServerEnvironment, of: string, { context: { transport, config }, reason = '', failure }: SessionActivity): Promise<WorkerReport> {
  const token = readToken(transport, config)?.value ?? ''
  const unproven = failure && { failure, skipped: skippedReason(config.name, transport) }
  return toVerdict(env, { of, token, reason, name: config.name }, { ...await inspectToken(env, token, [config]), unproven })
}

/** The stack of the present call, with enough frames to reach the app's. */
function currentStack(): string | undefined {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 40
  const { stack } = new Error('trace')
  Error.stackTraceLimit = stackTraceLimit
  return stack
}

/** Describes the request's sessions that only h3's own functions have used. */
function h3Sessions(event: SessionEvent, setCookies: readonly string[] | undefined, now: number): ObservedMessage[] {
  const transport = useEnvironment().host.transportOf(event)
  return Object.entries(event.context.sessions as Record<string, Session> ?? {})
    .filter(([name, session]) => !transport.states[name] && session?.id)
    .map(([name, session]) => describeH3Session(name, session, transport, setCookies, now))
}
