import { LARGE_SESSION_MAX_BYTES } from './shared/utils/large-session'
import { NEW_PASSWORD, OLD_PASSWORD } from './server/utils/test-only-passwords'

const icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/><path d="M9 8v16M9 17c0-7 13-7 13 0v7" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round"/></svg>'

export default defineNuxtConfig({
  modules: ['../src/module'],
  devtools: { enabled: true },
  app: {
    head: {
      htmlAttrs: { lang: 'en' },
      titleTemplate: '%s · nuxt-h3-session',
      meta: [
        { name: 'description', content: 'A small app that shows what nuxt-h3-session does.' },
        { name: 'color-scheme', content: 'light dark' },
      ],
      link: [{ rel: 'icon', type: 'image/svg+xml', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }],
    },
  },
  css: ['~/assets/main.css'],
  routeRules: { '/cached': { swr: 60 } },
  compatibilityDate: '2026-11-01',
  telemetry: false,
  session: {
    // No cookie before the first write.
    saveUninitialized: false,
    named: {
      // In files below .data/session; the other sessions are in cookies.
      devices: { storage: true, record: { userAgent: true } },
      large: { cookie: { maxBytes: LARGE_SESSION_MAX_BYTES } },
      // TEST-ONLY: an app sets NUXT_SESSION_PASSWORD='["the new one","the old one"]' in place of this.
      rotation: { password: [NEW_PASSWORD, OLD_PASSWORD] },
    },
  },
})
