import { defineNuxtPlugin } from 'nuxt/app'
import { createBrowserSession } from '../browser-session'
import { watchVisitor } from '../server-load'
import { provideSession } from '../shared-session'

export default defineNuxtPlugin({
  name: 'nuxt-h3-session',
  enforce: 'pre',
  setup(nuxtApp) {
    watchVisitor(nuxtApp)
    provideSession(nuxtApp, createBrowserSession(nuxtApp))
  },
})
