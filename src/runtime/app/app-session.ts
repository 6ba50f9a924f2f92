import type { NuxtApp } from 'nuxt/app'
import { createBrowserSession } from './browser-session'
import type { SharedSession } from './shared-session'

const KEY = '_nuxtH3Session'

/** On the server, a plugin provides the session, because it must be loaded before the page is rendered. */
export function provideSession(nuxtApp: NuxtApp, session: SharedSession): void {
  nuxtApp[KEY] = session
}

/** The session of a Nuxt app. In the browser it is created at its first use, so that an app without one loads no code for it. */
export function injectSession(nuxtApp: NuxtApp): SharedSession {
  if (import.meta.client) nuxtApp[KEY] ??= createBrowserSession(nuxtApp)
  const session = nuxtApp[KEY] as SharedSession | undefined
  if (!session) throw new Error('[nuxt-h3-session] The session was used before the module\'s plugin has run. Remove `enforce: \'pre\'` from your plugin.')
  return session
}
