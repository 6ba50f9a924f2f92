import type { SessionHookInfos, SessionManager, SessionRuntimeConfig } from '../../core/model/types'
import type { SessionEvent } from './event'
import type { EventTransport } from './event-transport'

/** Status codes for visitors. */
export type AnswerStatus = 401 | 403 | 405

/** The framework of the server. Each framework has its own implementation. */
export interface SessionHost {
  /** `runtimeConfig.session` of an event, or of the process. */
  sessionConfig: (event?: SessionEvent) => SessionRuntimeConfig | undefined
  /** The environment variable that sets the password. */
  readonly passwordVariable: string
  /** The unstorage mount of `key`; `base` is `''` for the root. */
  mountOf: (key: string) => { base: string, driver: unknown }
  /** Whether the app has this hook. */
  hasHook: (name: keyof SessionHookInfos) => boolean
  callHook: <K extends keyof SessionHookInfos>(name: K, session: SessionManager, event: SessionEvent, info: SessionHookInfos[K]) => Promise<unknown>
  /** The transport of the event's own request and response. */
  transportOf: (event: SessionEvent) => EventTransport
  /** The outer request's event, if the event is an inner request's. */
  outerEvent: (event: SessionEvent) => SessionEvent | undefined
  /** `GET` for a socket. */
  methodOf: (event: SessionEvent) => string
  /** An error that is sent to the client with `data.code`, and not logged. */
  createHttpError: (status: AnswerStatus, code: string, message: string) => Error
  readonly isDevelopment: boolean
  readonly isPrerendering: boolean
}
