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
    provideSession(nuxtApp, page?.isPersonal ? createRenderedSession(nuxtApp, page) : createEmptySession(page))
    return page?.isPersonal ? page.load() : undefined
  },
})

function pageOf(context: object | undefined): PageSession | undefined {
  return (context as PageContext | undefined)?.[PAGE_SESSION]
}
