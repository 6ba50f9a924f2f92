import type { ResolvedConfig } from '../core/config/types'
import { ConfigCache } from '../core/config/cache'
import type { SessionEnvironment } from '../core/session/context'
import { createHookScope } from '../core/session/hook-scope'
import type { AsyncStorage } from '../core/session/hook-scope'
import { createManager } from '../core/session/manager'
import { createSealCodecs } from '../core/seal/codecs'
import { TokenCache } from '../core/seal/token-cache'
import type { EventTransport } from '../adapters/shared/event-transport'
import type { SessionHost } from '../adapters/shared/host'
import { nodeCrypto } from './crypto/node'
import { Stores } from './stores'
import { webBytes } from './crypto/web'

// 256 bits, of which ASVS 11.5.1 asks for 128.
const ID_BYTES = 32

/** All that is process-wide. */
export interface ServerEnvironment extends SessionEnvironment {
  readonly host: SessionHost
  readonly configs: ConfigCache
  readonly stores: Stores
}

// The only reference to it: each app's server is a bundle of its own.
const installed: { env?: ServerEnvironment } = {}

/** Makes what is process-wide; the host's plugin does it once. */
export function installEnvironment(host: SessionHost): ServerEnvironment {
  const said = new Set<string>()
  const node = nodeCrypto()
  const crypto = node ?? webBytes
  const stores = new Stores(crypto.hash, host)
  return installed.env = {
    host,
    now: Date.now,
    generateId: () => crypto.base64url(crypto.randomBytes(ID_BYTES)),
    hash: crypto.hash,
    hasHook: host.hasHook,
    callHook: (name, context, info) => host.callHook(name, createManager(context), (context.transport as EventTransport).event, info),
    scope: createHookScope(asyncStorage()),
    storeOf: config => stores.of(config),
    stores,
    isDevelopment: host.isDevelopment,
    configs: new ConfigCache({
      passwordVariable: host.passwordVariable,
      needsPassword: !host.isPrerendering,
      createCodec: createSealCodecs(node),
      tokens: new TokenCache<ResolvedConfig>(),
    }),
    warnOnce(message) {
      if (said.has(message)) return
      said.add(message)
      console.warn(`[nuxt-h3-session] ${message}`)
    },
  }
}

/** @throws where the plugin that makes it has not run */
export function useEnvironment(): ServerEnvironment {
  if (!installed.env) throw new Error('[nuxt-h3-session] The server has no sessions yet: the plugin of nuxt-h3-session has not run. Add the module to the modules of the app.')
  return installed.env
}

function asyncStorage(): AsyncStorage<unknown> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage()
}
