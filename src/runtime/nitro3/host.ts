import { useStorage } from 'nitro/storage'
import { nextCarrierOf, nextOuterEvent } from '../h3-2/carrier'
import { isNextEvent } from '../h3-2/event'
import { HttpAnswer } from '../h3-2/http-answer'
import type { SessionHost } from '../server/host'
import type { Nitro3App } from './app'
import { createConfigReader, passwordVariable } from './runtime-config'

/** Nitro 3 with h3 2: Nuxt 5, and Nitro alone. */
export function createNitro3Host({ hooks }: Nitro3App): SessionHost {
  const isPrerendering = import.meta.prerender === true
  return {
    sessionConfig: createConfigReader(),
    passwordVariable: passwordVariable(),
    mountOf: key => useStorage().getMount(key),
    // Its hooks can be called, and not looked at otherwise.
    hasHook: name => Boolean(hooks._hooks[name]?.length),
    callHook: async (name, ...args) => hooks.callHook(name, ...args),
    carrierOf: event => nextCarrierOf(event, isPrerendering),
    outerEvent: nextOuterEvent,
    methodOf: event => isNextEvent(event) ? event.req.method : 'GET',
    createHttpError: (status, code, message) => new HttpAnswer(status, code, message),
    isDevelopment: import.meta.dev === true,
    isPrerendering,
  }
}
