import type { SessionHookInfos, SessionManager, SessionRuntimeConfig } from '../../core/model/types'
import type { SessionEvent } from './event'
import type { EventTransport } from './event-transport'

/** An answer to the visitor that is no success, and no failure of the server. */
export type AnswerStatus = 401 | 403 | 405

/** What the framework gives that the server runs in; there is one for each. */
export interface SessionHost {
  /** `runtimeConfig.session` of an event, or of the process. */
  sessionConfig: (event?: SessionEvent) => SessionRuntimeConfig | undefined
  /** The environment variable that sets the password. */
  readonly passwordVariable: string
  /** The unstorage mount that keeps the keys below `key`; `base` is `''` where only the root does. */
  mountOf: (key: string) => { base: string, driver: unknown }
  /** Whether the app has such a hook. */
  hasHook: (name: keyof SessionHookInfos) => boolean
  callHook: <K extends keyof SessionHookInfos>(name: K, session: SessionManager, event: SessionEvent, info: SessionHookInfos[K]) => Promise<unknown>
  /** The event's own request and response. */
  transportOf: (event: SessionEvent) => EventTransport
  /** The event that the app answers while it makes this request to itself. */
  outerEvent: (event: SessionEvent) => SessionEvent | undefined
  /** A socket reads, as GET does. */
  methodOf: (event: SessionEvent) => string
  /** An error that is answered as it is, with `data.code`; nothing is logged. */
  createHttpError: (status: AnswerStatus, code: string, message: string) => Error
  readonly isDevelopment: boolean
  readonly isPrerendering: boolean
}
