import type { Ref } from 'vue'
import type { SessionDataShape } from '../core/model/types'
import type { SessionRequirement } from '../shared/page-session'

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
