import type { SessionContext } from './context'
import type { RejectReason } from '../model/errors'

/** What happened to a session; `renew` is a commit that changed nothing but its idle time or its seal. */
export type HappeningKind = 'create' | 'load' | 'update' | 'regenerate' | 'clear' | 'renew' | 'reject'

export interface Happening {
  kind: HappeningKind
  context: SessionContext
  /** For `reject`. */
  reason?: RejectReason
}

/** Told what happened, for development tools. It must not throw. */
export type SessionObserver = (happening: Happening) => void
