import type { EventResponse, InspectedRequest, InspectedSession, StateResponse, TimelineEvent } from '../../../src/devtools/protocol'

export interface PanelSession extends InspectedSession {
  /** Whether it is a session of this browser that has not ended. */
  isCurrent: boolean
  /** It was a session of this browser, which does not send its cookie any more. */
  isLost?: boolean
  /** A session that DevTools created in this browser has replaced its cookie. */
  isReplaced?: boolean
  /** The last request whose token of this session was rejected, after an earlier run of the server had accepted it. */
  rejected?: Rejected
  /** Not known to the present server: seen before its restart, or imported from a file. */
  origin?: 'earlier' | 'file'
  /** The last write of each key before the last restart of the server, which does not know it. */
  earlierWriters?: InspectedSession['writers']
  /** Of an imported session, which has no part in the server's requests. */
  requests?: PanelRequest[]
}

/** When, by which request and why a token was rejected. */
export interface Rejected extends Pick<InspectedRequest, 'method' | 'path'>, Pick<TimelineEvent, 'at' | 'explanation'> {}

export interface PanelEvent extends TimelineEvent {
  /** Of an imported event. */
  data?: EventResponse
}

export interface PanelRequest extends InspectedRequest {
  events: PanelEvent[]
}

/** All that the panel knows. */
export interface PanelState extends Omit<StateResponse, 'sessions' | 'isComplete' | 'removed' | 'historyKey'> {
  sessions: PanelSession[]
}
