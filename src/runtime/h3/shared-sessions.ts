import type { Carrier } from '../core/carrier'

/**
 * `event.context.sessions` as h3 makes it: an object without a prototype. `Object.create(null)` itself V8 would keep
 * as a hash table.
 */
export const SharedSessions = (() => {
  function SharedSessions() {}
  SharedSessions.prototype = Object.create(null)
  return SharedSessions as unknown as new () => Carrier['sessions']
})()
