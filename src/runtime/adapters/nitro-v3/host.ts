import { useStorage } from 'nitro/storage'
import { nextHostParts } from '../h3-v2/host'
import type { SessionHost } from '../shared/host'
import type { Nitro3App } from './app'
import { createConfigReader, passwordVariable } from './runtime-config'

/** The host for Nitro 3 with h3 2: Nuxt 5, and Nitro alone. */
export function createNitro3Host({ hooks }: Nitro3App): SessionHost {
  return {
    sessionConfig: createConfigReader(),
    passwordVariable: passwordVariable(),
    mountOf: key => useStorage().getMount(key),
    // Nitro 3 has no public API to look up hooks.
    hasHook: name => Boolean(hooks._hooks[name]?.length),
    callHook: async (name, ...args) => hooks.callHook(name, ...args),
    isDevelopment: import.meta.dev === true,
    ...nextHostParts(import.meta.prerender === true),
  }
}
