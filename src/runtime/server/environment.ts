import type { ResolvedConfig } from '../core/config/types'
import { ConfigCache } from '../core/config/cache'
import type { SessionEnvironment } from '../core/session/context'
import type { DeviceAnswer } from '../core/session/device/endpoint'
import { createManager } from '../core/session/manager'
import { DEVELOPMENT_CHECKS } from '../core/session/development'
import { createSealCodecs } from '../core/seal/sync-codec'
import { TokenCache } from '../core/seal/token-cache'
import { createAsyncStorage } from '../adapters/shared/runtime'
import type { SessionEvent } from '../adapters/shared/event'
import type { EventTransport, SessionHost } from '../adapters/shared/host'
import { nodeCrypto } from './crypto/node'
import type { Stores } from './stores'
import { webBytes } from './crypto/web'

// 256 bits; ASVS 11.5.1 requires 128.
const ID_BYTES = 32

/** The objects that all requests of the process share. */
export interface ServerEnvironment extends SessionEnvironment {
  readonly host: SessionHost
  readonly configs: ConfigCache
  /** Stops what the stores do in the background. */
  readonly stop: () => void
  /** Set in development if the DevTools are on. */
  observeRevocation?: (revocation: Revocation) => void
  /** As `observeRevocation`: an error that the host does not get. */
  observeFailure?: (error: object, event: SessionEvent) => void
  /** As `observeRevocation`. */
  observeDevice?: (activity: DeviceActivity) => void
}

/** An administration call that has ended the session of a handle, or a group: sessions of a user, of a name, or all. */
export interface Revocation {
  event: SessionEvent | undefined
  config: ResolvedConfig
  handle?: string
  group?: { userId?: string, except?: string, name?: string }
  trace: string | undefined
}

/** A request of a browser to register its key, or to renew its proof. */
export interface DeviceActivity extends Pick<DeviceAnswer, 'outcome' | 'reason' | 'handle' | 'userId'> {
  event: SessionEvent
  config: ResolvedConfig
}

// The only module-level state. Each app's server is a separate bundle, so apps do not share it.
const installed: { env?: ServerEnvironment } = {}

/** Creates the process-wide environment. The host's plugin calls it once. */
export function installEnvironment(host: SessionHost): ServerEnvironment {
  const warnings = new Set<string>()
  const node = nodeCrypto()
  const crypto = node ?? webBytes
  const warnOnce = (message: string) => {
    if (warnings.has(message)) return
    warnings.add(message)
    console.warn(`[nuxt-h3-session] ${message}`)
  }
  let stores: Stores | undefined
  const env: ServerEnvironment = {
    host,
    now: Date.now,
    generateId: () => crypto.base64url(crypto.randomBytes(ID_BYTES)),
    hash: crypto.hash,
    basePath: host.basePath,
    hasHook: host.hasHook,
    callHook: (name, context, info) => host.callHook(name, createManager(context), (context.transport as EventTransport).event, info),
    // Most apps have no hooks, and keep their sessions in cookies. Not one promise for all: a worker must not await that of another request.
    loadScope: () => import('../core/session/hook-scope')
      .then(({ createHookScope }) => env.scope ??= createHookScope(createAsyncStorage())),
    persistenceOf: config => stores?.of(config)
      ?? import('./stores').then(({ Stores }) => (stores ??= new Stores(crypto.hash, host, warnOnce)).of(config)),
    stop: () => stores?.stop(),
    isDevelopment: host.isDevelopment,
    // Nitro removes the code from a built server.
    development: import.meta.dev !== false && host.isDevelopment ? DEVELOPMENT_CHECKS : undefined,
    configs: new ConfigCache({
      passwordVariable: host.passwordVariable,
      needsPassword: !host.isPrerendering,
      isDevelopment: host.isDevelopment,
      createCodec: createSealCodecs(node),
      tokens: new TokenCache<ResolvedConfig>(),
    }),
    warnOnce,
  }
  return installed.env = env
}

/** Uses the objects of another copy of this file. */
export function adoptEnvironment(env: ServerEnvironment): void {
  installed.env = env
}

export function useEnvironment(): ServerEnvironment {
  if (!installed.env) throw new Error('[nuxt-h3-session] There are no sessions here, because the plugin of nuxt-h3-session has not run. In a page, component or plugin of the app, use useClientSession(). In a server, add the module to its modules.')
  return installed.env
}
