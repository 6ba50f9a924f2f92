import type { Transport } from '../../core/session/transport'
import type { SessionEvent } from './event'

/** The transport of an event. */
export interface EventTransport extends Transport {
  /** The stack of the event's first call, only in development. */
  caller: string | undefined
  readonly event: SessionEvent
  /** The event whose response carries the token. */
  readonly answered: SessionEvent
}
