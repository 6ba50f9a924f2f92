import type { EventHandler, H3Event } from 'h3'
import { getQuery } from 'h3'
import { sessionRecord } from '../../../session-data.ts'
import type { CounterData } from '../../../session-data.ts'

/** The same three routes for each session library. */
export interface SessionHandlers {
  /** Starts a session of `?bytes=`. */
  start: EventHandler
  /** Responds with the counter. */
  read: EventHandler
  /** Adds one to the counter. */
  write: EventHandler
}

/** The data of a new session. */
export function startData(event: H3Event): CounterData {
  return sessionRecord(Number(getQuery(event).bytes), Date.now()).data
}
