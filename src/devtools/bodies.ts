import type { ObservedMessage, ObservedSession } from '../runtime/server/devtools/messages'
import type { RecordedSession } from './inspected'
import type { DataResponse, JsonObject } from './protocol'

/** Longest text of all kept bodies together, in characters. */
const MAX_KEPT = 32_000_000

/** Keeps the newest bodies of sessions and events, as JSON: parsed, they would take several times the memory. */
export class Bodies {
  #texts = new Map<string, string>()
  #length = 0

  constructor(private readonly limit = MAX_KEPT) {}

  /** Without a body, the previous one is removed. */
  set(id: string, text: string | undefined): void {
    this.#remove(id)
    if (text === undefined) return
    this.#texts.set(id, text)
    this.#length += text.length
    for (const oldest of this.#texts.keys()) {
      if (this.#length <= this.limit) return
      this.#remove(oldest)
    }
  }

  get(id: string): string | undefined {
    return this.#texts.get(id)
  }

  #remove(id: string): void {
    this.#length -= this.#texts.get(id)?.length ?? 0
    this.#texts.delete(id)
  }
}

/** The session's data and flash data as JSON. */
export function bodyOf({ data, flash, isCut, isLong }: ObservedSession): string | undefined {
  return isCut || isLong ? undefined : JSON.stringify({ data, flash })
}

/** Whether a message lacks the data before or after it, because it is too large. */
export function isCut({ session, before }: ObservedMessage): boolean {
  return session?.isCut === true || before?.isCut === true
}

export function parseBody(body: string | undefined): DataResponse | undefined {
  return body === undefined ? undefined : JSON.parse(body) as DataResponse
}

/** The session's data and flash data in a body, the latter under keys such as `flash.message`. */
export function contentIn(body: string | undefined): JsonObject | undefined {
  const { data, flash = {} } = parseBody(body) ?? {}
  return data && { ...data, ...Object.fromEntries(Object.entries(flash).map(([key, value]) => [`flash.${key}`, value])) }
}

/** A request's own copy of a stored session lacks what other requests have written since, so the inspector's copy is used. */
export function bodyBefore({ keeper, transport, before }: ObservedMessage, session: RecordedSession | undefined, recorded: string | undefined): string | undefined {
  const isStoredRequest = session?.storage !== undefined && transport !== 'unknown'
  if (keeper === 'h3') return recorded
  return (isStoredRequest ? recorded : undefined) ?? (before && bodyOf(before))
}

/** The changed keys with a sign: `+` added, `−` removed, `~` changed. */
export function changedKeys(before: JsonObject = {}, after: JsonObject = {}): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...keys].flatMap((key) => {
    if (!Object.hasOwn(before, key)) return `+${key}`
    if (!Object.hasOwn(after, key)) return `−${key}`
    return JSON.stringify(before[key]) === JSON.stringify(after[key]) ? [] : `~${key}`
  })
}
