import type { NuxtApp } from 'nuxt/app'
import { shallowRef } from 'vue'
import type { SessionDataShape } from '../core/model/types'
import type { SessionPayload } from '../shared/page-session'
import { clientConfigOf } from '../shared/client-config'
import { coalesce } from './coalesce'
import type { SharedSession } from './shared-session'
import { connectTabs } from './tabs'

/** Creates the session in the browser: from the page's payload, else from the endpoint. */
export function createBrowserSession(nuxtApp: NuxtApp): SharedSession {
  const { route } = clientConfigOf(nuxtApp.$config)!
  const payload = nuxtApp.payload.clientSession as SessionPayload | undefined
  const data = shallowRef<SessionDataShape>(payload?.data ?? {})
  const ready = shallowRef(payload?.data !== undefined)
  /** Whether the session may have changed since the page was rendered. */
  const isLate = !nuxtApp.isHydrating
  let notifyTabs: ReturnType<typeof connectTabs> | undefined
  /** Whether the next use of the session must load it. */
  let isDue = !ready.value
  // Responses that arrive out of order are ignored.
  let lastRequest = 0
  let shownRequest = 0

  /** @returns whether the data changed */
  function show(received: SessionDataShape, request: number): boolean {
    if (request < shownRequest) return false
    shownRequest = request
    const isChanged = JSON.stringify(received) !== JSON.stringify(data.value)
    if (isChanged) data.value = received
    ready.value = true
    isDue = false
    return isChanged
  }

  const load = coalesce(async () => {
    const request = ++lastRequest
    const answer = await $fetch<unknown>(endpoint(), { cache: 'no-store' })
    return show(sessionOf(answer), request)
  })

  function endpoint(): string {
    if (route === false) throw new Error('[nuxt-h3-session] The browser cannot load the session because `clientRoute` is false.')
    return route
  }

  /** Loads in the background. After a failure, the next use of the session loads it again. */
  async function loadQuietly(): Promise<void> {
    await load().catch((error: unknown) => {
      isDue = true
      console.warn('[nuxt-h3-session] The session could not be loaded.', error instanceof Error ? error.message : '')
    })
  }

  function connectToTabs(): void {
    if (route !== false && 'BroadcastChannel' in window) notifyTabs ??= connectTabs(`nuxt-h3-session${nuxtApp.$config.app.baseURL}`, loadQuietly)
  }

  function whenHydrated(run: () => unknown): void {
    if (nuxtApp.isHydrating) nuxtApp.hooks.hookOnce('app:suspense:resolve', () => void run())
    else run()
  }

  async function enterPage(isStale: boolean): Promise<void> {
    connectToTabs()
    if (isStale) await loadQuietly()
    notifyTabs?.('loaded')
  }

  if (payload?.data) whenHydrated(() => {
    if (payload.latest) show(payload.latest, ++lastRequest)
    void enterPage(route !== false && (isLate || isRestored()))
  })

  return {
    data,
    ready,
    use() {
      if (!isDue || route === false) return
      isDue = false
      const shownBefore = shownRequest
      // A route middleware may load it before that, by `refresh`.
      whenHydrated(() => enterPage(shownRequest === shownBefore))
    },
    async refresh() {
      whenHydrated(connectToTabs)
      if (await load()) notifyTabs?.('changed')
    },
    async clear() {
      await $fetch(endpoint(), { method: 'DELETE' })
      show({}, ++lastRequest)
      whenHydrated(connectToTabs)
      notifyTabs?.('changed')
    },
    async meets({ userId = true, maxAuthAge }) {
      if (route === false) return undefined
      whenHydrated(connectToTabs)
      const request = ++lastRequest
      const answer = await $fetch.raw<unknown>(route, {
        query: { require: userId ? 'user' : 'session', maxAuthAge },
        cache: 'no-store',
        ignoreResponseError: true,
        // Milliseconds. The navigation waits for this response.
        timeout: 10_000,
        retry: false,
      })
      if (answer.status === 401) {
        // The shown session may have ended.
        if (Object.keys(data.value).length > 0) void loadQuietly()
        return false
      }
      if (!answer.ok) throw new Error(`[nuxt-h3-session] ${route} answered ${answer.status}.`)
      if (show(sessionOf(answer._data), request)) notifyTabs?.('changed')
      return true
    },
  }
}

/** Checks the response, because static hosts answer unknown paths with a page, often with status 200. */
function sessionOf(answer: unknown): SessionDataShape {
  const session = answer ?? {}
  if (typeof session !== 'object' || Array.isArray(session)) throw new TypeError('[nuxt-h3-session] The response of the endpoint is not a session.')
  return session as SessionDataShape
}

/**
 * Whether the browser went back or forward to the page or reopened its tab. It may then show a stale page without a
 * request (RFC 9111, 6). Pages in the back/forward cache have an event of their own, `pageshow`.
 */
export function isRestored(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return navigation?.type === 'back_forward'
}
