import { useNuxtApp } from '#app/nuxt'
import { readonly } from 'vue'
import type { DeepReadonly, Ref } from 'vue'
import type { ClientSessionData } from '../../core/model/types'
import { injectSession } from '../app-session'

export interface ClientSession {
  /** The `clientKeys` of the session's data; `{}` without a session. */
  readonly data: Readonly<Ref<DeepReadonly<Partial<ClientSessionData>>>>
  /**
   * Whether `data` is loaded. It is not while a cached or prerendered page is rendered, or without rendering on the
   * server. The browser then loads it after hydration.
   */
  readonly ready: Readonly<Ref<boolean>>
  /**
   * Reads the session again, after a route changed it. Rejects if the server does not respond. Data that a page has
   * used while it is rendered does not change until the page is hydrated.
   */
  refresh: () => Promise<void>
  /** Ends the session. */
  clear: () => Promise<void>
}

/**
 * Returns the part of the visitor's session that `clientKeys` allow in the browser. All components share it. It is
 * rendered with the page and follows changes in other tabs.
 * @throws while a page is rendered, an error of loading the session, such as SESSION_STORE_UNAVAILABLE
 */
export function useClientSession(): ClientSession {
  const { data, ready, use, refresh, clear } = injectSession(useNuxtApp())
  use()
  return { data: readonly(data) as ClientSession['data'], ready: readonly(ready), refresh, clear }
}
