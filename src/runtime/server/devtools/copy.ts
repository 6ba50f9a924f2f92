import type { ObservedSession } from './messages'

/** Longest JSON of a session that is copied in full, in characters. A stored session may have any size. */
export const MAX_COPIED = 200_000

/** Copies a session, without its data if that is too large. A BigInt becomes text: rejecting it is the commit's task. */
export function copyOf(session: ObservedSession): ObservedSession {
  const text = toJson(session)
  return JSON.parse(text.length <= MAX_COPIED ? text : toJson({ ...session, data: {}, flash: undefined, isCut: true }))
}

function toJson(session: ObservedSession): string {
  return JSON.stringify(session, (_, value) => typeof value === 'bigint' ? String(value) : value)
}
