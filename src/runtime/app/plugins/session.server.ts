import { defineNuxtPlugin, useRequestEvent } from 'nuxt/app'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageContext, PageSession } from '../../shared/page-session'
import { createEmptySession, createRenderedSession } from '../rendered-session'
import { provideSession } from '../shared-session'

export default defineNuxtPlugin({
  name: 'nuxt-h3-session',
  enforce: 'pre',
  // Not `async`: the build would transform it with a helper that no app outside this repository can resolve.
  setup(nuxtApp): Promise<void> | undefined {
    const page = pageOf(useRequestEvent(nuxtApp)?.context)
    const empty = createEmptySession(page)
    provideSession(nuxtApp, empty)
    return page?.load().then(isPersonal =>
      provideSession(nuxtApp, isPersonal ? createRenderedSession(nuxtApp, page) : empty))
  },
})

function pageOf(context: object | undefined): PageSession | undefined {
  return (context as PageContext | undefined)?.[PAGE_SESSION]
}
