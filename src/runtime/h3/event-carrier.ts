import type { Carrier } from '../core/carrier'
import type { SessionEvent } from './event'

/** A carrier whose session an event asks for. */
export interface EventCarrier extends Carrier {
  /** Also where a request around this one is: the answer becomes a part of that one's. */
  isShared: Carrier['isShared']
  /** The stack of the first call for this event; in development only. */
  caller: string | undefined
  /** The event that asks for the session. */
  readonly event: SessionEvent
  /** The event whose response carries it. */
  readonly answered: SessionEvent
}
