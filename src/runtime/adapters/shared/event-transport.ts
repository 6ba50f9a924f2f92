import type { Transport } from '../../core/session/transport'
import type { SessionEvent } from './event'

/** A carrier whose session an event asks for. */
export interface EventTransport extends Transport {
  /** The stack of the first call for this event; in development only. */
  caller: string | undefined
  /** The event that asks for the session. */
  readonly event: SessionEvent
  /** The event whose response carries it. */
  readonly answered: SessionEvent
}
