import type { NuxtApp } from 'nuxt/app'
import { shallowRef } from 'vue'
import type { SessionDataShape } from '../core/types'
import type { SessionPayload } from '../shared/page-session'
import { coalesce } from './coalesce'
import type { SharedSession } from './shared-session'
import { connectTabs } from './tabs'

/** The session in the browser: what the page brought, else what the endpoint answers. */
export function createBrowserSession(nuxtApp: NuxtApp, route: string | false, baseURL: string): SharedSession {
  const payload = nuxtApp.payload.clientSession as SessionPayload | undefined
  const data = shallowRef<SessionDataShape>(payload?.data ?? {})
  const ready = shallowRef(payload?.data !== undefined)
  let tell: ReturnType<typeof connectTabs> | undefined
  let isAsked = false
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
    return isChanged
  }

  const ask = coalesce(async () => {
    const turn = ++lastTurn
    return show(await $fetch<SessionDataShape>(endpoint(), { cache: 'no-store' }), turn)
  })

  function endpoint(): string {
    if (route === false) throw new Error('[nuxt-h3-session] The browser cannot ask for the session: `clientRoute` is false.')
    return route
  }

  function connect(): void {
    tell ??= connectTabs(`nuxt-h3-session:${baseURL}`, () => quietly(ask))
  }

  /** For what nobody waits for: the next one that asks meets the failure. */
  function quietly(asking: () => Promise<unknown>): void {
    asking().catch((error: unknown) => {
      isAsked = false
      console.warn('[nuxt-h3-session] The session could not be asked for.', error instanceof Error ? error.message : '')
    })
  }

  /** Once the page is the server's no more. */
  function whenHydrated(then: () => void): void {
    if (nuxtApp.isHydrating) nuxtApp.hooks.hookOnce('app:suspense:resolve', then)
    else then()
  }

  return {
    data,
    ready,
    use() {
      if (isAsked || route === false) return
      isAsked = true
      whenHydrated(() => {
        connect()
        if (!ready.value) return quietly(ask)
        if (payload?.latest) show(payload.latest, ++lastTurn)
        tell?.('loaded')
      })
    },
    async refresh() {
      const isChanged = await ask()
      connect()
      if (isChanged) tell?.('changed')
    },
    async clear() {
      await $fetch(endpoint(), { method: 'DELETE' })
      show({}, ++lastTurn)
      connect()
      tell?.('changed')
    },
    async meets({ userId = true, maxAuthAge }) {
      if (route === false) return undefined
      const turn = ++lastTurn
      const answer = await $fetch.raw<SessionDataShape>(route, {
        query: { require: userId ? 'user' : 'session', maxAuthAge },
        cache: 'no-store',
        ignoreResponseError: true,
      })
      if (answer.status === 401) return false
      if (!answer.ok) throw new Error(`[nuxt-h3-session] ${route} answered ${answer.status}.`)
      show(answer._data ?? {}, turn)
      return true
    },
  }
}
