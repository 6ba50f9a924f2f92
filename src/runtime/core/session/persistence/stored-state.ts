import type { Alive } from '../../store/store'

/** The id and key of a stored session. */
export interface StoredState {
  id: string
  key: string
  /** The last known record; unset after a write with an unknown outcome. */
  known: Alive | undefined
}

/** A cookie session that migrates: the key of its id, and the end of its seal in milliseconds since 1970. */
export interface MigratingState {
  key: string
  until: number
}
