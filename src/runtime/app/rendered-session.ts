import type { NuxtApp } from 'nuxt/app'
import { customRef, shallowRef } from 'vue'
import type { SessionDataShape } from '../core/model/types'
import type { PageSession, SessionPayload } from '../shared/page-session'
import type { SharedSession } from './shared-session'

/**
 * The session while a page is rendered. All parts of the page show it as the first of them saw it, so that hydration
 * finds what the server wrote; what changed later goes along and is shown after hydration.
 */
export function createRenderedSession(nuxtApp: NuxtApp, page: PageSession): SharedSession {
  let shown: SessionDataShape = {}
  let isSeen = false
  let isRendering = false
  const data = customRef<SessionDataShape>((track, trigger) => ({
    get() {
      track()
      // What was awaited before the first look at it may have changed it.
      if (ready.value && !(isRendering && isSeen)) shown = page.read()
      isSeen = true
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
    if (isRendering && isSeen) return
    try {
      data.value = page.read()
    }
    catch (error) {
      // The page of that very error has to be rendered; the browser asks after hydration.
      if (nuxtApp.payload.error) return
      throw error
    }
    ready.value = true
  }

  nuxtApp.hook('vue:setup', () => {
    if (ready.value) show()
    // What plugins and route middleware saw is no part of the page.
    isSeen = false
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
    async refresh() {
      show()
    },
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

/** What a page shows that is everybody's, or that nobody renders: nothing. The browser asks after hydration. */
export function createEmptySession(page: PageSession | undefined): SharedSession {
  return {
    data: shallowRef({}),
    ready: shallowRef(false),
    use() {},
    async refresh() {},
    async clear() {
      await page?.clear()
    },
    async meets() {
      return undefined
    },
  }
}
