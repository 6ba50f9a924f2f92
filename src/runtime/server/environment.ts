import type { NitroApp } from 'nitropack/types'
import { useNitroApp } from 'nitropack/runtime'
import type { ResolvedConfig } from '../core/config'
import { ConfigCache } from '../core/config-cache'
import type { SessionContext, SessionEnvironment } from '../core/context'
import { createHookScope } from '../core/hook-scope'
import type { AsyncStorage } from '../core/hook-scope'
import { createManager } from '../core/manager'
import { createSyncCodecs } from '../core/seal-sync'
import { TokenCache } from '../core/token-cache'
import type { SessionHookInfos } from '../core/types'
import type { EventCarrier } from '../h3/event-carrier'
import { nodeCrypto } from './node-crypto'
import { Stores } from './stores'
import { webBytes } from './web-bytes'
import { passwordVariable } from './runtime-config'

const KEY = Symbol.for('nuxt-h3-session.environment')

// 256 bits, of which ASVS 11.5.1 asks for 128.
const ID_BYTES = 32

/** All that is process-wide. */
export interface ServerEnvironment extends SessionEnvironment {
  readonly configs: ConfigCache
  readonly stores: Stores
}

type SessionNitroApp = NitroApp & { [KEY]?: ServerEnvironment }

/** Makes what is process-wide; the Nitro plugin does it once. */
export function installEnvironment(nitroApp: NitroApp): ServerEnvironment {
  const said = new Set<string>()
  const node = nodeCrypto()
  const crypto = node ?? webBytes
  const stores = new Stores(crypto.hash)
  return (nitroApp as SessionNitroApp)[KEY] = {
    now: Date.now,
    generateId: () => crypto.base64url(crypto.randomBytes(ID_BYTES)),
    hash: crypto.hash,
    hasHook: name => hasHook(nitroApp, name),
    callHook: (name, context, info) => callHook(nitroApp, name, context, info),
    scope: createHookScope(asyncStorage()),
    storeOf: config => stores.of(config),
    stores,
    isDevelopment: import.meta.dev === true,
    configs: new ConfigCache({
      passwordVariable: passwordVariable(),
      needsPassword: !import.meta.prerender,
      createCodec: node && createSyncCodecs(node),
      tokens: new TokenCache<ResolvedConfig>(),
    }),
    warnOnce(message) {
      if (said.has(message)) return
      said.add(message)
      console.warn(`[nuxt-h3-session] ${message}`)
    },
  }
}

export function useEnvironment(): ServerEnvironment {
  const nitroApp = useNitroApp() as SessionNitroApp
  return nitroApp[KEY] ?? installEnvironment(nitroApp)
}

function hasHook(nitroApp: NitroApp, name: keyof SessionHookInfos): boolean {
  const look = nitroApp.hooks.callHookWith as (caller: (hooks: unknown[]) => boolean, name: string) => boolean
  return look.call(nitroApp.hooks, hooks => hooks.length > 0, name)
}

function callHook<K extends keyof SessionHookInfos>(nitroApp: NitroApp, name: K, context: SessionContext, info: SessionHookInfos[K]) {
  const { event } = context.carrier as EventCarrier
  const call = nitroApp.hooks.callHook as (name: K, ...args: unknown[]) => Promise<unknown>
  return call.call(nitroApp.hooks, name, createManager(context), event, info)
}

function asyncStorage(): AsyncStorage<unknown> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage()
}
