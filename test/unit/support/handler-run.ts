import { AsyncLocalStorage } from 'node:async_hooks'
import { createEvent } from 'h3'
import type { H3Event } from 'h3'
import { trackRuns } from '../../../src/runtime/adapters/nitro-v2/handler-runs'
import { h3Event } from './h3'

/** A run of a cached handler, as Nitro starts it: with its own event, a body, and an end. */
export function beginRun(incoming: H3Event, options: object = {}, watch = trackRuns) {
  const event = createEvent(incoming.node.req, h3Event().node.res)
  event.context = incoming.context
  event.context.cache = { options }
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  let inside!: <R>(fn: () => R) => R
  const running = Promise.resolve(watch(() => {
    inside = AsyncLocalStorage.snapshot()
    return promise
  })(event)).catch(() => undefined)
  return { event, inside, end: () => (resolve(undefined), running), fail: () => (reject(new Error('for the test')), running) }
}
