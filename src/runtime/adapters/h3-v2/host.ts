import type { StoreDriver } from '../../core/store/context'
import type { SessionRuntimeConfig } from '../../core/model/types'
import { DEFAULT_MOUNT } from '../../core/config/parse'
import { assertRuntimeKeys } from '../../core/config/option-keys'
import { configInvalid } from '../../core/model/errors'
import { STATUS_TEXTS } from '../shared/host'
import type { ErrorStatus, SessionHooks, SessionHost } from '../shared/host'
import { parseEnvironmentValue } from '../shared/runtime'
import { isNextEvent } from './event'
import { nextOuterEvent, nextTransportOf } from './transport'

const PASSWORD_VARIABLE = 'SESSION_PASSWORD'

/** The options of all sessions of an h3 app. */
export interface SessionsOptions extends Omit<SessionRuntimeConfig, 'storage' | 'clientKeys' | 'sharedWith' | 'ownName'> {
  /** An unstorage driver for stored sessions; unset: cookie sessions. */
  storage?: StoreDriver
  /** Called with `(session, event, info)` and awaited before the commit. An error aborts it. */
  hooks?: Partial<SessionHooks>
  /** Allows cookies over plain HTTP and freezes the data of stored sessions. @default whether NODE_ENV is `development` */
  dev?: boolean
}

/** The host for h3 2 without Nitro. */
export function createBareHost({ storage, hooks = {}, dev, ...options }: SessionsOptions): SessionHost {
  assertRuntimeKeys(options as SessionRuntimeConfig, 'the argument of sessions()')
  const environment = globalThis.process?.env ?? {}
  const config: SessionRuntimeConfig = {
    ...options,
    password: options.password ?? parseEnvironmentValue(environment[PASSWORD_VARIABLE] ?? '') as string | string[],
    ...storage && { storage: DEFAULT_MOUNT },
  }
  return {
    sessionConfig: () => config,
    passwordVariable: PASSWORD_VARIABLE,
    basePath: '',
    mountOf(key) {
      if (!storage) throw configInvalid('the app has no driver to store a session. Give it one: sessions({ storage: redisDriver({ … }) }).')
      return { base: key, driver: storage }
    },
    hasHook: name => hooks[name] !== undefined,
    callHook: async (name, ...args) => hooks[name]?.(...args),
    isDevelopment: dev ?? environment.NODE_ENV === 'development',
    ...nextHostParts(false),
  }
}

export function nextHostParts(isPrerendering: boolean) {
  return {
    transportOf: event => nextTransportOf(event, isPrerendering),
    outerEvent: nextOuterEvent,
    methodOf: event => isNextEvent(event) ? event.req.method : 'GET',
    createHttpError: (status, code, message) => new HttpAnswer(status, code, message),
    isPrerendering,
  } satisfies Partial<SessionHost>
}

/** An error that h3 2 sends unchanged, because it has the name and status of h3's own. */
export class HttpAnswer extends Error {
  override readonly name = 'HTTPError'
  readonly statusText: string
  readonly data: { code: string }
  headers: Headers | undefined

  constructor(readonly status: ErrorStatus, code: string, message: string) {
    super(message)
    this.statusText = STATUS_TEXTS[status]
    this.data = { code }
  }

  /** The name in h3 1 and Nuxt. */
  get statusCode() {
    return this.status
  }

  toJSON() {
    const { status, statusText, message, data } = this
    return { status, statusText, message, data }
  }
}
