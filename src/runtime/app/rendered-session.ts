import type { NuxtApp } from 'nuxt/app'
import { useRequestEvent } from '#app/composables/ssr'
import { computed, customRef, shallowRef } from 'vue'
import type { SessionDataShape } from '../core/model/types'
import { clientConfigOf } from '../shared/client-config'
import { PAGE_SESSION } from '../shared/page-session'
import type { PageContext, PageSession, SessionPayload } from '../shared/page-session'
import { provideSession } from './app-session'
import type { SharedSession } from './shared-session'

const OPENING = '_nuxtH3SessionOpening'

/** Opens the session while a page is rendered, once for the plugin and route middleware. */
export function openRenderedSession(nuxtApp: NuxtApp): Promise<SharedSession> {
  return (nuxtApp[OPENING] ??= open(nuxtApp)) as Promise<SharedSession>
}

async function open(nuxtApp: NuxtApp): Promise<SharedSession> {
  const page = await (useRequestEvent(nuxtApp)?.context as PageContext | undefined)?.[PAGE_SESSION]?.open()
  const warnIfEmpty = () => {
    // A build without a server has another warning.
    if (clientConfigOf(nuxtApp.$config)!.hasServer) page?.warnOnce?.(`useClientSession() is empty while this page is rendered, because the page is ${page.kind} and the same for all visitors. The browser loads the session after hydration. Show its content below <ClientOnly>, or wait for \`ready\`.`)
  }
  const session = page?.kind === 'rendered' ? createRenderedSession(nuxtApp, page) : createEmptySession(page, warnIfEmpty)
  provideSession(nuxtApp, session)
  return session
}

/**
 * Creates the session while a page is rendered. All components get the data as the first of them read it, so that
 * hydration matches the HTML. Later changes are in the payload and appear after hydration.
 */
function createRenderedSession(nuxtApp: NuxtApp, page: PageSession): SharedSession {
  let shown: SessionDataShape = {}
  let isUsed = false
  let isRendering = false
  const data = customRef<SessionDataShape>((track, trigger) => ({
    get() {
      track()
      // The session may have changed before its first use.
      if (ready.value && !(isRendering && isUsed)) shown = page.read()
      isUsed = true
      return shown
    },
    set(value) {
      shown = value
      trigger()
    },
  }))
  const ready = shallowRef(false)
  const payload: SessionPayload = {}

  function show(): void {
    if (isRendering && isUsed) return
    try {
      data.value = page.read()
    }
    catch (error) {
      // This is the error page of that error. The browser loads the session after hydration.
      if (nuxtApp.payload.error) return
      throw error
    }
    ready.value = true
  }

  nuxtApp.hook('vue:setup', () => {
    if (ready.value) show()
    // Plugins and route middleware do not count as a use by the page.
    isUsed = false
    isRendering = true
  })
  nuxtApp.hook('app:rendered', () => {
    if (ready.value) {
      show()
      payload.data = shown
      const latest = page.read()
      if (JSON.stringify(latest) !== JSON.stringify(shown)) payload.latest = latest
    }
    if (ready.value || payload.isChecked) nuxtApp.payload.clientSession = payload
  })

  return {
    data,
    ready,
    use: show,
    refresh: async () => show(),
    async clear() {
      await page.clear()
      show()
    },
    async meets(requirement) {
      const isMet = await page.meets(requirement)
      if (isMet) payload.isChecked = true
      return isMet
    },
  }
}

/** Creates the empty session of cached and prerendered pages. The browser loads it after hydration. */
function createEmptySession(page: PageSession | undefined, onRead: () => void): SharedSession {
  return {
    data: computed(() => {
      onRead()
      return {}
    }),
    ready: shallowRef(false),
    use() {},
    async refresh() {},
    clear: async () => page?.clear(),
    meets: async () => undefined,
  }
}
