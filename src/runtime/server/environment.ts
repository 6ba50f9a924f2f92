import { digest } from 'ohash/crypto'
import type { NitroApp } from 'nitropack/types'
import { useNitroApp } from 'nitropack/runtime'
import type { SessionContext, SessionEnvironment } from '../core/context'
import { createHookScope } from '../core/hook-scope'
import type { AsyncStorage } from '../core/hook-scope'
import { createManager } from '../core/manager'
import type { SessionHookInfos } from '../core/types'
import type { H3Carrier } from '../h3/carrier'

const KEY = Symbol.for('nuxt-h3-session.environment')

type SessionNitroApp = NitroApp & { [KEY]?: SessionEnvironment }

/** All that is process-wide; the Nitro plugin makes it once. */
export function installEnvironment(nitroApp: NitroApp): SessionEnvironment {
  const said = new Set<string>()
  return (nitroApp as SessionNitroApp)[KEY] = {
    now: Date.now,
    generateId: () => base64url(globalThis.crypto.getRandomValues(new Uint8Array(32))),
    hash: text => hex(digest(text)),
    callHook: (name, context, info) => callHook(nitroApp, name, context, info),
    scope: createHookScope(asyncStorage()),
    isDevelopment: import.meta.dev === true,
    warnOnce(message) {
      if (said.has(message)) return
      said.add(message)
      console.warn(`[nuxt-h3-session] ${message}`)
    },
  }
}

export function useEnvironment(): SessionEnvironment {
  const nitroApp = useNitroApp() as SessionNitroApp
  return nitroApp[KEY] ?? installEnvironment(nitroApp)
}

function callHook<K extends keyof SessionHookInfos>(nitroApp: NitroApp, name: K, context: SessionContext, info: SessionHookInfos[K]) {
  const { event } = context.carrier as H3Carrier
  const call = nitroApp.hooks.callHook as (name: K, ...args: unknown[]) => Promise<unknown>
  return call.call(nitroApp.hooks, name, createManager(context), event, info)
}

function asyncStorage(): AsyncStorage<unknown> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage()
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

function hex(base64urlText: string): string {
  const binary = atob(base64urlText.replaceAll('-', '+').replaceAll('_', '/'))
  return Array.from(binary, character => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}
