import { defineNuxtPlugin } from 'nuxt/app'
import { createBrowserSession } from '../browser-session'
import { clientConfigOf } from '../../shared/client-config'
import { provideSession } from '../shared-session'
import { watchVisitor } from '../visitor-action'

export default defineNuxtPlugin({
  name: 'nuxt-h3-session',
  enforce: 'pre',
  setup(nuxtApp) {
    watchVisitor(nuxtApp)
    const { route } = clientConfigOf(nuxtApp.$config)!
    provideSession(nuxtApp, createBrowserSession(nuxtApp, route, nuxtApp.$config.app.baseURL))
  },
})
