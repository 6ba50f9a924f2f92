import type { MaybePromise } from '../../utils/maybe-promise'

/** Whose session an entry of a cache contains: who brings this token. */
export interface EntryOwner {
  /** The request header that carries the token, in lower case. */
  readonly header: string
  /** The session's name. */
  readonly name: string
  /** The token's SHA-256. */
  readonly hash: string
  /** Whether caches in front of the server are told that the response is for this visitor only. */
  readonly isPrivate: boolean
}

/** What a cache asks of a request and its response. */
export interface CachedRequest {
  requestHeader: (name: string) => string | undefined
  requestCookies: () => Record<string, string>
  setCookies: () => readonly string[]
}

/** A cache of the server's own that keeps a response for later requests: a cached handler's, or that of an `isr` rule. */
export interface ResponseCache {
  /** The request as it came; a cached handler sees fewer headers. */
  readonly incoming: CachedRequest
  /** What was asked of its key so far: whether visitors share an entry, by header and session. */
  readonly known: Pick<Map<string, boolean>, 'get' | 'set'>
  /** Whose sessions the entry contains, by header and session. */
  readonly owners: Pick<Map<string, EntryOwner>, 'has'>
  /** Whether the same request with `value` in this header would get the same entry. */
  isSharedWith: (header: string, value: string) => MaybePromise<boolean>
  /** The entry depends on these request headers. */
  vary: (names: readonly string[]) => void
  /** Only who brings the same token gets the entry. */
  keepFor: (owner: EntryOwner) => void
  /** The entry is not kept. */
  forbid: () => void
}

/** Distinguishes the sessions of a request, which has several by name and by the header that carries them. */
export function sessionKey(header: string, name: string): string {
  return `${header} ${name}`
}
