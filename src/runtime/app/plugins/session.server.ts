import { defineNuxtPlugin } from '#app/nuxt'
import { useRequestEvent } from '#app/composables/ssr'
import { clientConfigOf } from '../../shared/client-config'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageContext } from '../../shared/page-session'
import { createEmptySession, createRenderedSession } from '../rendered-session'
import { provideSession } from '../app-session'

export default defineNuxtPlugin({
  name: 'nuxt-h3-session',
  enforce: 'pre',
  // Not `async`: the build would transform it with a helper that no app outside this repository can resolve.
  setup(nuxtApp): Promise<void> | undefined {
    const page = (useRequestEvent(nuxtApp)?.context as PageContext | undefined)?.[PAGE_SESSION]
    provideSession(nuxtApp, createEmptySession(page))
    return page?.load().then((kind) => {
      if (kind === 'rendered') return provideSession(nuxtApp, createRenderedSession(nuxtApp, page))
      provideSession(nuxtApp, createEmptySession(page, () => {
        // A build without a server has another warning.
        if (clientConfigOf(nuxtApp.$config)!.hasServer) page.warnOnce?.(`useClientSession() is empty while this page is rendered, because the page is ${kind} and the same for all visitors. The browser loads the session after hydration. Show its content below <ClientOnly>, or wait for \`ready\`.`)
      }))
    })
  },
})
