import type { NuxtApp } from 'nuxt/app'
import type { Ref } from 'vue'
import type { SessionDataShape } from '../core/model/types'
import type { SessionRequirement } from '../shared/page-session'

const KEY = '_nuxtH3Session'

/** The session of a Nuxt app, one for all its components. */
export interface SharedSession {
  readonly data: Ref<SessionDataShape>
  readonly ready: Ref<boolean>
  /** Says that something shows the session. */
  use: () => void
  refresh: () => Promise<void>
  clear: () => Promise<void>
  /** Whether the visitor meets the requirement; `undefined`: nobody here can tell. */
  meets: (requirement: SessionRequirement) => Promise<boolean | undefined>
}

export function provideSession(nuxtApp: NuxtApp, session: SharedSession): void {
  nuxtApp[KEY] = session
}

export function injectSession(nuxtApp: NuxtApp): SharedSession {
  const session = nuxtApp[KEY] as SharedSession | undefined
  if (!session) throw new Error('[nuxt-h3-session] The session was used before the module\'s plugin had run. Give your plugin no `enforce: \'pre\'`.')
  return session
}
