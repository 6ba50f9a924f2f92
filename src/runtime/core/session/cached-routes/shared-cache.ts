import type { ResponseCache } from './response-cache'

/**
 * A cache whose key does not separate visitors, such as the platform's cache of an `isr` rule, whose key is the path. No
 * session can be used there.
 */
export const SHARED_CACHE: ResponseCache = {
  incoming: { requestHeader: () => undefined, requestCookies: () => ({}), setCookies: () => [] },
  checked: { get: () => true, set: () => SHARED_CACHE.checked as never },
  owners: { has: () => false },
  isSameEntry: () => true,
  vary() {},
  addOwner() {},
  forbid() {},
}
