import { createEvent } from 'h3'
import type { H3Event } from 'h3'
import { trackRuns } from '../../../src/runtime/adapters/nitro-v2/handler-runs'
import { h3Event } from './h3'

/** A run of a cached handler, as Nitro begins it: the event that it makes of another one, and how the run ends. */
export function beginRun(incoming: H3Event, options: object = {}) {
  const event = createEvent(incoming.node.req, h3Event().node.res)
  Object.assign(event, { waitUntil: incoming.waitUntil, context: incoming.context })
  event.context.cache = { options }
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const running = Promise.resolve(trackRuns(() => promise)(event)).catch(() => undefined)
  return { event, end: () => (resolve(undefined), running), fail: () => (reject(new Error('for the test')), running) }
}
