import type { ResponseCache } from './response-cache'

/**
 * A cache whose key is known to keep nobody apart, such as that of an `isr` rule: the platform's, which keeps a response
 * by its path alone. No session is used there, so that nothing of it has to be told.
 */
export const SHARED_CACHE: ResponseCache = {
  incoming: { requestHeader: () => undefined, requestCookies: () => ({}), setCookies: () => [] },
  known: { get: () => true, set: () => SHARED_CACHE.known as never },
  owners: { has: () => false },
  isSharedWith: () => true,
  vary() {},
  keepFor() {},
  forbid() {},
}
