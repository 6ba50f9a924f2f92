import { useNuxtApp } from 'nuxt/app'
import { readonly } from 'vue'
import type { DeepReadonly, Ref } from 'vue'
import type { ClientSessionData } from '../../core/model/types'
import { injectSession } from '../shared-session'

export interface ClientSession {
  /** The session's `clientKeys`, `{}` where there are none. */
  readonly data: Readonly<Ref<DeepReadonly<Partial<ClientSessionData>>>>
  /**
   * Whether `data` is known. While a cached or prerendered page, or none, is rendered on the server it is not, and
   * the browser asks after hydration.
   */
  readonly ready: Readonly<Ref<boolean>>
  /**
   * Reads the session anew, after a route changed it. Rejects where the server does not answer. While a page is
   * rendered, what a part of the page has seen stays so until the page is hydrated.
   */
  refresh: () => Promise<void>
  /** Ends the session. */
  clear: () => Promise<void>
}

/**
 * The visitor's session, as far as `clientKeys` let it reach the browser: one for all components, rendered with the
 * page, and kept up to date by the browser's other tabs.
 *
 * @throws while a page is rendered, what looking the session up met, such as SESSION_STORE_UNAVAILABLE
 */
export function useClientSession(): ClientSession {
  const session = injectSession(useNuxtApp())
  session.use()
  const { data, ready, refresh, clear } = session
  return { data: readonly(data) as ClientSession['data'], ready: readonly(ready), refresh, clear }
}
