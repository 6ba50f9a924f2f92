import type { NuxtApp } from 'nuxt/app'
import { shallowRef } from 'vue'
import type { SessionDataShape } from '../core/model/types'
import type { SessionPayload } from '../shared/page-session'
import { coalesce } from './coalesce'
import { isRestored } from './restored'
import type { SharedSession } from './shared-session'
import { connectTabs } from './tabs'

/** Milliseconds until an endpoint that is silent counts as one that fails. */
const CHECK_TIMEOUT = 10_000

/** The session in the browser: what the page brought, else what the endpoint answers. */
export function createBrowserSession(nuxtApp: NuxtApp, route: string | false, baseURL: string): SharedSession {
  const payload = nuxtApp.payload.clientSession as SessionPayload | undefined
  const data = shallowRef<SessionDataShape>(payload?.data ?? {})
  const ready = shallowRef(payload?.data !== undefined)
  let tell: ReturnType<typeof connectTabs> | undefined
  /** The next that shows the session must ask for it. */
  let isDue = !ready.value
  // An answer that was on its way when a later one came is of the past.
  let lastTurn = 0
  let shownTurn = 0

  /** @returns whether it is another session than before */
  function show(answer: SessionDataShape, turn: number): boolean {
    if (turn < shownTurn) return false
    shownTurn = turn
    const isChanged = JSON.stringify(answer) !== JSON.stringify(data.value)
    if (isChanged) data.value = answer
    ready.value = true
    isDue = false
    return isChanged
  }

  const ask = coalesce(async () => {
    const turn = ++lastTurn
    const answer = await $fetch<unknown>(endpoint(), { cache: 'no-store' })
    return show(sessionOf(answer), turn)
  })

  function endpoint(): string {
    if (route === false) throw new Error('[nuxt-h3-session] The browser cannot ask for the session: `clientRoute` is false.')
    return route
  }

  /** For what nobody waits for: the next that shows the session meets the failure. */
  async function askQuietly(): Promise<void> {
    try {
      await ask()
    }
    catch (error) {
      isDue = true
      console.warn('[nuxt-h3-session] The session could not be asked for.', error instanceof Error ? error.message : '')
    }
  }

  /** From now on other tabs say when what this one shows is of the past. */
  function connect(): void {
    if (route !== false && 'BroadcastChannel' in window) tell ??= connectTabs(`nuxt-h3-session${baseURL}`, askQuietly)
  }

  /** Once the page is the server's no more. */
  function whenHydrated(then: () => unknown): void {
    if (nuxtApp.isHydrating) nuxtApp.hooks.hookOnce('app:suspense:resolve', () => void then())
    else then()
  }

  async function askForPage(): Promise<void> {
    connect()
    await askQuietly()
    tell?.('loaded')
  }

  if (payload?.data) whenHydrated(() => {
    if (payload.latest) show(payload.latest, ++lastTurn)
    if (route !== false && isRestored()) return askForPage()
    connect()
    tell?.('loaded')
  })

  return {
    data,
    ready,
    use() {
      if (!isDue || route === false) return
      isDue = false
      whenHydrated(askForPage)
    },
    async refresh() {
      whenHydrated(connect)
      if (await ask()) tell?.('changed')
    },
    async clear() {
      await $fetch(endpoint(), { method: 'DELETE' })
      show({}, ++lastTurn)
      whenHydrated(connect)
      tell?.('changed')
    },
    async meets({ userId = true, maxAuthAge }) {
      if (route === false) return undefined
      whenHydrated(connect)
      const turn = ++lastTurn
      const answer = await $fetch.raw<unknown>(route, {
        query: { require: userId ? 'user' : 'session', maxAuthAge },
        cache: 'no-store',
        ignoreResponseError: true,
        // A navigation waits for it.
        timeout: CHECK_TIMEOUT,
        retry: false,
      })
      if (answer.status === 401) {
        // Whoever is shown may be logged in no more.
        if (Object.keys(data.value).length > 0) void askQuietly()
        return false
      }
      if (!answer.ok) throw new Error(`[nuxt-h3-session] ${route} answered ${answer.status}.`)
      if (show(sessionOf(answer._data), turn)) tell?.('changed')
      return true
    },
  }
}

/** Static hosts answer a path that they do not have with a page of the app, often with status 200. */
function sessionOf(answer: unknown): SessionDataShape {
  const session = answer ?? {}
  if (typeof session !== 'object' || Array.isArray(session)) throw new TypeError('[nuxt-h3-session] The endpoint answered with something else than a session.')
  return session as SessionDataShape
}
