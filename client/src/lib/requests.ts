import { isRead } from '../../../src/devtools/kinds'
import type { InspectedRequest, TimelineEvent, TimelineKind } from '../../../src/devtools/protocol'
import { plainChange, plainText } from './plain-text'
import { titleOf } from './sessions'

export type RequestKind = 'reads' | 'writes' | 'failures' | 'rejects'

export const REQUEST_KINDS: readonly RequestKind[] = ['reads', 'writes', 'failures', 'rejects']

const KIND_OF: Record<TimelineKind, RequestKind> = {
  load: 'reads', create: 'writes', update: 'writes', regenerate: 'writes', clear: 'writes', revoke: 'writes', register: 'writes', refresh: 'writes', deny: 'failures', fail: 'failures', reject: 'rejects',
}

/** All kinds of events. */
export const EVENT_KINDS = Object.keys(KIND_OF)

export interface RequestFilter {
  /** `InspectedSession.key`, or empty for all sessions. */
  session: string
  /** Words in the path, the user or a changed key. `path:`, `user:` and `key:` before a word select one of them. */
  text: string
  kinds: ReadonlySet<RequestKind>
}

/** An event and its request. */
export interface Step { request: InspectedRequest, event: TimelineEvent }

/** The user of a session that the events name by its key only. */
type Users = ReadonlyMap<string, string | undefined>

/** Whether the client closed the connection before the response, so that it got no cookie. */
export function isUnanswered({ status, duration }: Pick<InspectedRequest, 'status' | 'duration'>): boolean {
  return duration !== undefined && status === undefined
}

/** The events of all requests, oldest first. */
export function stepsOf(requests: readonly InspectedRequest[]): Step[] {
  return requests.flatMap(request => request.events.map(event => ({ request, event }))).sort((a, b) => a.event.seq - b.event.seq)
}

/** The requests that used a session, each with the events of that session only. */
export function requestsOf(requests: readonly InspectedRequest[], session: string): InspectedRequest[] {
  return requests.flatMap((request) => {
    const events = request.events.filter(event => event.key === session)
    if (events.length === request.events.length) return [request]
    return events.length > 0 ? [{ ...request, events }] : []
  })
}

/** Returns the requests that pass the filter, newest first. */
export function filterRequests(requests: readonly InspectedRequest[], filter: RequestFilter, users: Users): InspectedRequest[] {
  const ofSession = filter.session === '' ? requests : requestsOf(requests, filter.session)
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  return ofSession.filter(request => kindsOf(request).some(kind => filter.kinds.has(kind)) && words.every(word => matches(request, word, users))).reverse()
}

/** A request that writes, fails or is rejected counts as such, even if it also reads. */
export function kindsOf(request: InspectedRequest): RequestKind[] {
  return [...new Set(foldReads(request.events).map(event => isHarmless(request, event) ? 'reads' : KIND_OF[event.kind]))]
}

/** Whether an event is no failure, though it has a reason: a cookie check, or a denied prefetch. */
export function isHarmless(request: Pick<InspectedRequest, 'method' | 'isPrefetch'>, event: Pick<TimelineEvent, 'kind'>): boolean {
  return isCookieCheck(request, event) || isRead(request, event.kind)
}

/** Whether the panel itself has read the cookie of this browser, which the app rejects: no request of the app has failed. */
export function isCookieCheck(request: Pick<InspectedRequest, 'method'>, { kind }: Pick<TimelineEvent, 'kind'>): boolean {
  return isOfPanel(request) && kind === 'reject'
}

/** Leaves out the cookie checks that a later one repeats: after each restart, the server checks the same cookie again. */
export function withoutRepeatedChecks(requests: readonly InspectedRequest[]): readonly InspectedRequest[] {
  const checks = requests.filter(request => request.events.length > 0 && request.events.every(event => isCookieCheck(request, event)))
  const last = new Map(checks.map(check => [checkedCookies(check), check.id]))
  return last.size === checks.length ? requests : requests.filter(request => !checks.includes(request) || last.get(checkedCookies(request)) === request.id)
}

/** The cookies of a check, each with the reason why it is rejected. */
function checkedCookies({ events }: InspectedRequest): string {
  return JSON.stringify(events.map(({ name, key, token, reason }) => [name, token ?? key, reason]))
}

/** Whether the panel sent the request, with the cookies of this browser. */
export function isOfPanel({ method }: Pick<InspectedRequest, 'method'>): boolean {
  return method === 'DevTools'
}

/** The names of the listed sessions that DevTools itself has created. */
export function namesCreatedByPanel(requests: readonly InspectedRequest[], sessions: ReadonlySet<string>): ReadonlySet<string> {
  const created = requests.filter(isOfPanel).flatMap(({ events }) => events)
  return new Set(created.filter(({ kind, key }) => (kind === 'create' || kind === 'regenerate') && key !== undefined && sessions.has(key)).map(({ name }) => name))
}

/** Leaves out the reads of sessions for which the request has another event, and repeated reads. */
export function foldReads(events: readonly TimelineEvent[]): TimelineEvent[] {
  return events.filter(({ kind, name, key }, index) => kind !== 'load' || !events.some((other, at) =>
    other.name === name && (other.kind !== 'load' || (other.key === key && at < index))))
}

/** The users of the events' sessions, or the short ids of those without a user, each once. */
export function sessionLabels({ events }: InspectedRequest, users: Users): string {
  return [...new Set(foldReads(events).flatMap(event => sessionLabel(event, users) ?? []))].join(', ')
}

function sessionLabel(event: TimelineEvent, users: Users): string | undefined {
  const { key = '', id, user = users.get(key) } = event
  // A session's key ends with its handle.
  return user === undefined && key === '' ? undefined : titleOf({ user, id, handle: key.slice(key.lastIndexOf(':') + 1) })
}

/** The name and the id of an event's session. `undefined` for wrong options: no session was opened, and the call may have another name. */
export function sessionOf({ name, id, reason }: TimelineEvent): string | undefined {
  return reason === 'SESSION_CONFIG_INVALID' ? undefined : [name, id].filter(Boolean).join(' ')
}

/** The changed keys of all events, each once. If the request changes several sessions, with their name: `cart: +items`. */
export function changesOf(events: readonly TimelineEvent[]): string[] {
  const changed = events.filter(({ changes }) => changes.length > 0)
  const hasSeveral = new Set(changed.map(({ name }) => name)).size > 1
  return [...new Set(changed.flatMap(({ name, changes }) => changes.map(change => hasSeveral ? `${plainText(name)}: ${plainChange(change)}` : plainChange(change))))]
}

function matches({ method, path, status, events }: InspectedRequest, word: string, users: Users): boolean {
  const [field, value] = /^(path|user|key):(.*)/.exec(word)?.slice(1) ?? ['', word]
  const texts: Record<string, (string | undefined)[]> = {
    path: [method, path, String(status ?? '')],
    user: events.map(({ user, key = '' }) => user ?? users.get(key)),
    key: events.flatMap(({ changes }) => changes.map(change => change.slice(1))),
  }
  const all = field ? texts[field] : [...Object.values(texts).flat(), ...events.flatMap(({ id, name, reason, kind }) => [id, name, reason, kind])]
  return all!.some(text => text?.toLowerCase().includes(value!))
}
