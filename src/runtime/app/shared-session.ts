import type { NuxtApp } from 'nuxt/app'
import type { Ref } from 'vue'
import type { SessionDataShape } from '../core/model/types'
import type { SessionRequirement } from '../shared/page-session'

const KEY = '_nuxtH3Session'

/** The session of a Nuxt app, one for all its components. */
export interface SharedSession {
  readonly data: Ref<SessionDataShape>
  readonly ready: Ref<boolean>
  /** Called when a component uses the session. */
  use: () => void
  refresh: () => Promise<void>
  clear: () => Promise<void>
  /** Whether the visitor meets the requirement; `undefined` if it cannot be checked here. */
  meets: (requirement: SessionRequirement) => Promise<boolean | undefined>
}

export function provideSession(nuxtApp: NuxtApp, session: SharedSession): void {
  nuxtApp[KEY] = session
}

export function injectSession(nuxtApp: NuxtApp): SharedSession {
  const session = nuxtApp[KEY] as SharedSession | undefined
  if (!session) throw new Error('[nuxt-h3-session] The session was used before the module\'s plugin has run. Remove `enforce: \'pre\'` from your plugin.')
  return session
}
