import type { EventHandler, H3Event } from 'h3'
import { getQuery } from 'h3'
import { sessionRecord } from '../../../session-data.ts'
import type { CounterData } from '../../../session-data.ts'

/** The same three routes over each way to keep a session. */
export interface SessionHandlers {
  /** Begins a session of `?bytes=`. */
  start: EventHandler
  /** Answers the counter. */
  read: EventHandler
  /** Adds one to the counter. */
  write: EventHandler
}

/** The data with which a session begins. */
export function startData(event: H3Event): CounterData {
  return sessionRecord(Number(getQuery(event).bytes), Date.now()).data
}
