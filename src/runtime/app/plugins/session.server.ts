import { defineNuxtPlugin, useRequestEvent } from 'nuxt/app'
import { PAGE_SESSION } from '../../shared/page-session'
import type { PageSession } from '../../shared/page-session'
import { createEmptySession, createRenderedSession } from '../rendered-session'
import { provideSession } from '../shared-session'

export default defineNuxtPlugin({
  name: 'nuxt-h3-session',
  enforce: 'pre',
  async setup(nuxtApp) {
    const page = pageOf(useRequestEvent(nuxtApp)?.context)
    if (!page?.isPersonal) return provideSession(nuxtApp, createEmptySession(page))
    provideSession(nuxtApp, createRenderedSession(nuxtApp, page))
    await page.load()
  },
})

function pageOf(context: object | undefined): PageSession | undefined {
  return (context as { [PAGE_SESSION]?: PageSession } | undefined)?.[PAGE_SESSION]
}
