import type { SessionHookInfos, SessionManager, SessionRouteRule, SessionRuntimeConfig, SessionDataShape } from '../../core/model/types'
import type { DeviceStep } from '../../core/device/instructions'
import type { Transport } from '../../core/session/transport'
import type { MaybePromise } from '../../core/utils/maybe-promise'
import type { PageDelivery, PageSession } from '../../shared/page-session'
import type { SessionEvent } from './event'

export const STATUS_TEXTS = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  503: 'Service Unavailable',
} as const

export type ErrorStatus = keyof typeof STATUS_TEXTS

/** `data.code` in the response to a request that is not allowed. */
export type HttpErrorCode =
  /** 401: `requireSession` found no session, or with `userId` none of a user. */
  | 'SESSION_REQUIRED'
  /** 401: The login is older than the `maxAuthAge` of `requireSession`. */
  | 'SESSION_REAUTHENTICATION_REQUIRED'
  /** 401: `requireSession` with `deviceBound` found a session that is not bound to the browser's key. */
  | 'SESSION_DEVICE_REQUIRED'
  /** 403: The request comes from another origin: by `crossOrigin`, `sameOrigin`, `requireSameOrigin`, or at `clientRoute`. */
  | 'SESSION_FOREIGN_ORIGIN'
  /** 404: A browser would bind a session, but the session has no store. */
  | 'SESSION_NOT_BOUND'
  /** 405: A request to `clientRoute` other than GET, HEAD and DELETE, or below it other than POST. */
  | 'SESSION_METHOD_NOT_ALLOWED'

/** The functions of the server's framework. Each framework has its own implementation. */
export interface SessionHost {
  /** `runtimeConfig.session` of an event, or of the process. */
  sessionConfig: (event?: SessionEvent) => SessionRuntimeConfig | undefined
  /** The environment variable that sets the password. */
  readonly passwordVariable: string
  /** The path below which the app is served, such as `/app`; `''` for the root. */
  readonly basePath: string
  /** The unstorage mount of `key`; `base` is `''` for the root. */
  mountOf: (key: string) => { base: string, driver: unknown }
  hasHook: (name: keyof SessionHookInfos) => boolean
  callHook: <K extends keyof SessionHookInfos>(name: K, session: SessionManager, event: SessionEvent, info: SessionHookInfos[K]) => Promise<unknown>
  /** The transport of the event's own request and response. */
  transportOf: (event: SessionEvent) => EventTransport
  /** The outer request's event, if the event is an inner request's. */
  outerEvent: (event: SessionEvent) => SessionEvent | undefined
  /** `GET` for a socket. */
  methodOf: (event: SessionEvent) => string
  /** An error that is sent to the client with `data.code`, and not logged. */
  createHttpError: (status: ErrorStatus, code: HttpErrorCode, message: string) => Error
  readonly isDevelopment: boolean
  readonly isPrerendering: boolean
}

export interface EventTransport extends Transport {
  /** The stack of the event's last call, only if the DevTools are on. */
  caller: string | undefined
  readonly event: SessionEvent
  /** The event whose response carries the token. */
  readonly answered: SessionEvent
}

/** Checks a cache entry before it is served. @throws if it contains another visitor's session */
export type ReleaseEntry = (event: SessionEvent, owners: string) => Promise<void>

/** Returns the error for a request of another origin, unless it is trusted or its route is exempt. `ruleOf` is called for others only. */
export type OriginGuard = (event: SessionEvent, ruleOf: () => SessionRouteRule | undefined) => MaybePromise<Error | undefined>

/** The client's endpoint, which an adapter serves. */
export interface ClientEndpoint {
  route: string | false
  /** Headers of every response, including errors. */
  headersFor: (method: string) => Record<string, string>
  /** `null` for an empty response. @throws an HTTP error with status 401, 403 or 405 */
  answer: (event: SessionEvent, method: string, query: Record<string, unknown>) => Promise<SessionDataShape | null>
}

/** The endpoint of browsers that bind sessions to their key. */
export interface DeviceEndpoint {
  /** Without the app's base. Below it are {@link DEVICE_STEPS}. */
  route: string | false
  headers: Record<string, string>
  /** @throws an HTTP error with status 404 or 405 */
  answer: (event: SessionEvent, step: DeviceStep, query: Record<string, unknown>) => Promise<{ status: number, body: object | undefined }>
}

/** Here and not beside its type, whose code only bound sessions load. */
export const DEVICE_STEPS = ['register', 'refresh'] as const satisfies DeviceStep[]

/** Opens the session of a page that is rendered. A page that a route rule prerenders has none, even in development. */
export type OpenPageSession = (event: SessionEvent, isPrerendered: boolean, delivery: PageDelivery | undefined) => Promise<PageSession>

/** A session hook. It is awaited before the commit, and an error aborts it. */
export type SessionHook<K extends keyof SessionHookInfos> =
  (session: SessionManager, event: SessionEvent, info: SessionHookInfos[K]) => void | Promise<void>

export type SessionHooks = { [K in keyof SessionHookInfos]: SessionHook<K> }

export interface SessionRouteRules {
  session?: SessionRouteRule
}

declare module 'nitropack' {
  interface NitroRuntimeHooks extends SessionHooks {}
  interface NitroRouteConfig extends SessionRouteRules {}
  interface NitroRouteRules extends SessionRouteRules {}
}

declare module 'nitropack/types' {
  interface NitroRuntimeHooks extends SessionHooks {}
  interface NitroRouteConfig extends SessionRouteRules {}
  interface NitroRouteRules extends SessionRouteRules {}
}
