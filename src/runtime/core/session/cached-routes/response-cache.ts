import type { MaybePromise } from '../../utils/maybe-promise'

/** The owner of a session in a cache entry, identified by its token. */
export interface EntryOwner {
  /** The request header that carries the token, in lower case. */
  readonly header: string
  readonly name: string
  /** The token's SHA-256. */
  readonly hash: string
  /** Whether the response is also marked as private for caches in front of the server. */
  readonly isPrivate: boolean
}

export interface CachedRequest {
  requestHeader: (name: string) => string | undefined
  requestCookies: () => Record<string, string>
  setCookies: () => readonly string[]
}

/** A server cache that stores the response for later requests: of a cached handler or of an `isr` rule. */
export interface ResponseCache {
  /** The original request. A cached handler gets fewer headers. */
  readonly incoming: CachedRequest
  /** Results of checks: whether visitors get the same entry, by {@link sessionKey}. */
  readonly checked: Pick<Map<string, boolean>, 'get' | 'set'>
  /** The owners of the sessions in the entry, by {@link sessionKey}. */
  readonly owners: Pick<Map<string, EntryOwner>, 'has'>
  /** Whether the same request with `value` in this header would get the same entry. */
  isSameEntry: (header: string, value: string) => MaybePromise<boolean>
  /** Marks the entry as dependent on these request headers. */
  vary: (names: readonly string[]) => void
  /** Limits the entry to requests with this owner's token. */
  addOwner: (owner: EntryOwner) => void
  /** Prevents the storing of the entry. */
  forbid: () => void
}

/** The key of a session in a request: a request can have several sessions, by header and name. */
export function sessionKey(header: string, name: string): string {
  return `${header} ${name}`
}

/** The cache of an `isr` rule. Its key is the path, so no session can be used there. */
export const SHARED_CACHE: ResponseCache = {
  incoming: { requestHeader: () => undefined, requestCookies: () => ({}), setCookies: () => [] },
  checked: { get: () => true, set: () => SHARED_CACHE.checked as never },
  owners: { has: () => false },
  isSameEntry: () => true,
  vary() {},
  addOwner() {},
  forbid() {},
}
