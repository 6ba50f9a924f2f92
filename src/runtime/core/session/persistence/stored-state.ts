import type { Alive } from '../../store/store'

/** Where a session lies, and what lay there when it was read last. */
export interface StoredState {
  id: string
  key: string
  /** Unset after a write of which the store does not tell the outcome. */
  known: Alive | undefined
}

/** The key of a whole session that came in a cookie, and until when its seal may come again. */
export interface MigratingState {
  key: string
  until: number
}
