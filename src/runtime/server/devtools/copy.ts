import type { ObservedSession } from './messages'

/** Characters of a session's JSON; the DevTools keep many, and one in a store may be of any size. */
export const MAX_SHOWN = 200_000

/** A copy of what is kept; data that JSON cannot write is left to the commit to refuse. */
export function copyOf(session: ObservedSession): ObservedSession {
  const text = toJson(session)
  return JSON.parse(text.length <= MAX_SHOWN ? text : toJson({ ...session, data: {}, flash: undefined, isCut: true }))
}

function toJson(session: ObservedSession): string {
  return JSON.stringify(session, (_, value) => typeof value === 'bigint' ? String(value) : value)
}
