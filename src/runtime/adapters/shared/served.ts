import type { SessionDataShape } from '../../core/model/types'
import type { PageSession } from '../../shared/page-session'
import type { SessionEvent } from './event'

/** The client's endpoint, as an adapter serves it. */
export interface ClientEndpoint {
  route: string | false
  /** What every answer says, refusals too. */
  headersFor: (method: string) => Record<string, string>
  /** `null`: there is nothing to say. @throws an answer with status 401, 403 or 405 */
  answer: (event: SessionEvent, method: string, query: Record<string, unknown>) => Promise<SessionDataShape | null>
}

/** Makes the session of a page that is rendered for an event. */
export type CreatePageSession = (event: SessionEvent, isPrerendered: boolean) => PageSession
