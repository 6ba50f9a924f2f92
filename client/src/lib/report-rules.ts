import type { BeforeAndAfter, Clear, EventResponse, InspectedCookie, KeyWrite, Overwrite, Revocation, TimelineEvent } from '../../../src/devtools/protocol'
import { isJsonObject } from './json'
import { EVENT_KINDS } from './requests'
import type { PanelEvent, PanelRequest, PanelSession, Rejected } from './state'

/** Returns what a field must be, with its path, or `undefined` if its value is that. */
type Rule = (value: unknown, path: string) => string | undefined

/** A rule for each field: a new field without a rule does not compile. */
type Rules<T> = { [Field in keyof T]-?: Rule }

/** The largest time of a `Date`, in milliseconds before or after 1970. */
const MAX_TIME = 8.64e15

const text = isOf('a text', value => typeof value === 'string')
const flag = isOf('true or false', value => typeof value === 'boolean')
const number = isOf('a number', value => Number.isFinite(value) && Math.abs(value as number) <= Number.MAX_SAFE_INTEGER)
const time = isOf('a time in milliseconds since 1970', value => Number.isFinite(value) && Math.abs(value as number) <= MAX_TIME)
const data = isOf('an object', isJsonObject)
const keeper = oneOf('module', 'h3')
const sizes = optional(listOf(objectOf<{ key: string, bytes: number }>({ key: text, bytes: number })))

const attributes = objectOf<InspectedCookie['attributes']>({
  path: optional(text), domain: optional(text), httpOnly: flag, secure: flag, sameSite: optional(text), partitioned: flag, expires: optional(time),
})

const cookie = objectOf<InspectedCookie>({
  attributes, passwordIndex: optional(number), isFallback: optional(flag), origin: optional(text), comesBack: oneOf('always', 'sometimes', 'never'), problems: listOf(text),
})

const requestName = objectOf<Clear['undoneBy']>({ method: text, path: text })

/** Without the fields that an import replaces. */
const session = objectOf<Omit<PanelSession, 'key' | 'seals' | 'hasSameData' | 'previous' | 'next' | 'isCurrent' | 'isLost' | 'origin' | 'requests' | 'earlierWriters'>>({
  name: text, id: optional(text), handle: text, userId: optional(text), user: optional(text), keeper, storage: optional(text),
  transport: oneOf('cookie', 'header', 'none', 'unknown'),
  createdAt: time, lastUsedAt: time, authenticatedAt: optional(time), expiresAt: optional(time),
  maxAge: optional(number), idleTimeout: optional(isOf('a number or false', value => value === false || number(value, '') === undefined)), limit: optional(text),
  data: optional(data), flash: optional(data), isCut: optional(flag), sizes,
  bytes: number, chunks: number, recordBytes: optional(number), cookie: optional(cookie),
  ended: optional(oneOf('cleared', 'expired', 'regenerated', 'revoked', 'malformed', 'gone')),
  cleared: optional(objectOf<Clear>({ at: time, method: text, path: text, isClientCall: optional(flag), undoneBy: optional(requestName) })),
  overwritten: optional(objectOf<Overwrite>({
    kind: oneOf('app', 'other session', 'clear', 'old cookie', 'removal'), at: time, method: text, path: text,
    call: optional(objectOf<Overwrite['call']>({ kind: oneOf('clear', 'regenerate'), method: text, path: text })),
  })),
  revoked: optional(objectOf<Revocation>({
    at: time, method: text, path: text, by: oneOf('revokeSession', 'revokeUserSessions', 'revokeAllSessions', 'maxUserSessions', 'DevTools'), call: text, source: optional(text),
  })),
  rejected: optional(objectOf<Rejected>({ at: time, method: text, path: text, explanation: optional(text) })), isReplaced: optional(flag),
  unreturned: optional(text), undelivered: optional(objectOf<NonNullable<PanelSession['undelivered']>>({ at: time, method: text, path: text })), deviceBound: optional(flag), userAgent: optional(text), ip: optional(text),
  writers: optional(listOf(objectOf<KeyWrite>({ key: text, at: time, method: text, path: text, source: optional(text) }))),
})

const earlierWrite = optional(objectOf<NonNullable<TimelineEvent['lost']>>({ seq: number, keys: listOf(text) }))

const sides = { before: optional(data), after: optional(data) }

const event = objectOf<PanelEvent>({
  seq: number, at: time, kind: oneOf(...EVENT_KINDS), name: text, keeper, key: optional(text), next: optional(text), id: optional(text), user: optional(text),
  token: optional(text), reason: optional(text), explanation: optional(text), sizes, sources: listOf(text), changes: listOf(text), hasData: flag,
  lost: earlierWrite, sameChange: earlierWrite,
  data: optional(objectOf<EventResponse>({ ...sides, flash: optional(objectOf<BeforeAndAfter>(sides)) })),
})

const request = objectOf<PanelRequest>({
  id: text, at: time, method: text, path: text, isPrefetch: optional(flag), status: optional(number), duration: optional(number), events: listOf(event),
})

/** The first field of an exported session that the panel could not show, such as `"session.createdAt" must be a time …`. */
export const problemOf = objectOf<{ session: PanelSession, requests: PanelRequest[] }>({ session, requests: listOf(request) })

function isOf(what: string, test: (value: unknown) => boolean): Rule {
  return (value, path) => test(value) ? undefined : `"${path}" must be ${what}`
}

function oneOf(...values: readonly string[]): Rule {
  return isOf(`one of ${values.join(', ')}`, value => values.includes(value as string))
}

function optional(rule: Rule): Rule {
  return (value, path) => value === undefined ? undefined : rule(value, path)
}

function listOf(rule: Rule): Rule {
  return (value, path) => Array.isArray(value) ? first(value.map((item, index) => () => rule(item, `${path}[${index}]`))) : `"${path}" must be a list`
}

function objectOf<T>(rules: Rules<T>): Rule {
  return (value, path) => isJsonObject(value)
    ? first(Object.entries<Rule>(rules).map(([field, rule]) => () => rule(value[field], path ? `${path}.${field}` : field)))
    : `"${path}" must be an object`
}

function first(checks: (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check()
    if (problem !== undefined) return problem
  }
  return undefined
}
