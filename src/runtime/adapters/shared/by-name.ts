/**
 * What a request has by the names of its sessions: an object without a prototype, as h3's `event.context.sessions`.
 * `Object.create(null)` itself V8 would keep as a hash table.
 */
export const ByName = (() => {
  function ByName() {}
  ByName.prototype = Object.create(null)
  return ByName as unknown as new <T>() => Record<string, T>
})()
