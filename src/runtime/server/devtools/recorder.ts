import type { Session } from '../../core/model/types'
import type { SessionActivity } from '../../core/session/context'
import type { SessionState } from '../../core/session/state'
import { readToken } from '../../core/session/token'
import type { SessionEvent } from '../../adapters/shared/event'
import type { EventTransport } from '../../adapters/shared/host'
import { useEnvironment } from '../environment'
import { runCommand } from './commands'
import { CommandTransport } from './command-transport'
import { describeDevice } from './device'
import { KnownOptions } from './known-options'
import { CHANNEL_VARIABLE } from './messages'
import type { DevtoolsMessage, ObservedMessage, ObservedSession, WorkerReport } from './messages'
import { copyOf, describeActivity, describeFailure, describeH3Session, describeRequest } from './observe'
import { ReportQueue } from './report-queue'
import { skippedReason } from './skipped-reason'
import { inspectToken, toVerdict } from './token-verdict'

/** A response, when the browser has all of it. Set-Cookie lines only if the event no longer has them. */
export interface SentResponse { status: number, setCookies?: readonly string[] }

/** What the recorder needs of the server's framework. */
export interface RecordedServer {
  onRequest: (begin: (event: SessionEvent) => (response: SentResponse) => void) => void
  onError: (report: (error: object, event: SessionEvent) => void) => void
  onClose: (close: () => void) => void
}

/** Reports what happens to sessions to DevTools, and runs the panel's commands. */
export function recordSessions({ onRequest, onError, onClose }: RecordedServer): void {
  const name = process.env[CHANNEL_VARIABLE]
  if (!name) return
  const channel = new BroadcastChannel(name)
  // An open channel would keep a worker alive that the development server has replaced.
  ;(channel as unknown as { unref?: () => void }).unref?.()
  const send = (message: DevtoolsMessage) => quietly(() => channel.postMessage(message))
  const reports = new ReportQueue(reports => send({ type: 'reports', reports }))
  const report = (message: WorkerReport) => reports.add(message)
  onClose(() => {
    reports.flush()
    channel.close()
  })

  const env = useEnvironment()
  const known = new KnownOptions()
  const previous = new WeakMap<SessionState, ObservedSession>()
  const requests = new WeakMap<SessionEvent, { id: string, startedAt: number, isObserved: boolean }>()
  const reported = new WeakSet<object>()
  const requestOf = (event: SessionEvent) => {
    // Nuxt 5 renders a page with an event of its own.
    const { answered } = env.host.transportOf(event)
    const request = requests.get(answered) ?? { id: env.generateId(), startedAt: env.now(), isObserved: false }
    requests.set(answered, request)
    return request
  }
  env.trace = currentStack
  env.observe = (activity) => {
    quietly(() => {
      const { state, transport } = activity.context
      if (!(transport instanceof CommandTransport)) known.see(activity.context)
      const { event, answered } = transport as EventTransport
      const { id: request, startedAt } = requestOf(event)
      const message: ObservedMessage = { ...describeActivity(activity, previous.get(state)), request, startedAt }
      if (activity.kind === 'deny') message.configured = known.configured
      if (activity.kind === 'reject') void explain(message.verdict = env.generateId(), activity).then(report, () => undefined)
      if (activity.kind === 'absent') return report(message)
      for (const each of [event, answered]) requestOf(each).isObserved = true
      if (typeof activity.error === 'object') reported.add(activity.error!)
      report(message)
      if (message.session || !activity.error) previous.set(state, message.session ?? copyOf(state.record))
    })
  }
  env.observeRevocation = ({ event, config: { name, storage }, handle, group, trace }) => {
    quietly(() => {
      const request = event && requestOf(event)
      if (request) request.isObserved = true
      report({
        type: 'observed', kind: 'revoke', at: env.now(), keeper: 'module', carrier: 'unknown', name, storage, handle, group, request: request?.id,
        ...event ? describeRequest(env.host.transportOf(event)) : { method: '', path: '' },
        stack: trace,
      })
    })
  }
  env.observeDevice = activity => quietly(() => {
    const message = describeDevice(activity, env)
    if (!message) return
    const request = requestOf(activity.event)
    request.isObserved = true
    report({ ...message, request: request.id, startedAt: request.startedAt })
  })
  onRequest((event) => {
    const { id, startedAt } = requestOf(event)
    return ({ status, setCookies }) => quietly(() => {
      const { isObserved } = requestOf(event)
      const at = env.now()
      const sessions = h3Sessions(event, setCookies, at)
      for (const message of sessions) report({ ...message, request: id })
      if (isObserved || sessions.length > 0) report({ type: 'sent', request: id, at, status, duration: at - startedAt })
    })
  })
  // Errors that no session could report, such as of a write that was refused at once.
  onError((error, event) => {
    quietly(() => {
      const causes = [error, (error as Error).cause].filter(each => typeof each === 'object' && each !== null)
      if (causes.some(cause => reported.has(cause))) return
      const message = causes.map(cause => describeFailure(cause, env.host.transportOf(event), env)).find(each => each !== undefined)
      if (!message) return
      const request = requestOf(event)
      request.isObserved = true
      report({ ...message, request: request.id, startedAt: request.startedAt })
    })
  })
  channel.onmessage = ({ data }: MessageEvent<DevtoolsMessage>) => {
    if (data.type !== 'command') return
    const { id, command } = data
    const answer = (answer: { result?: unknown, error?: string }) => {
      // First, what the command and the requests before it have changed.
      reports.flush()
      send({ type: 'answer', id, ...answer })
    }
    runCommand(command, known, report).then(
      result => answer({ result }),
      (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
    )
  }
}

async function explain(of: string, { context: { transport, config, env }, reason = '', failure }: SessionActivity): Promise<WorkerReport> {
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

/** A failure of the recorder must not reach the app. */
function quietly(record: () => void): void {
  try {
    record()
  }
  catch (error) {
    console.debug('[nuxt-h3-session] DevTools could not record a session.', error instanceof Error ? error.name : '')
  }
}
