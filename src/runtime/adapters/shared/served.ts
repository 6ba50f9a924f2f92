import type { SessionDataShape } from '../../core/model/types'
import type { PageSession } from '../../shared/page-session'
import type { SessionEvent } from './event'

/** The client's endpoint, which an adapter serves. */
export interface ClientEndpoint {
  route: string | false
  /** Headers of every response, including errors. */
  headersFor: (method: string) => Record<string, string>
  /** `null` for an empty response. @throws an HTTP error with status 401, 403 or 405 */
  answer: (event: SessionEvent, method: string, query: Record<string, unknown>) => Promise<SessionDataShape | null>
}

/** Creates the session of a page that is rendered for an event. */
export type CreatePageSession = (event: SessionEvent, isPrerendered: boolean) => PageSession
