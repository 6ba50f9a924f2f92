/**
 * An object without a prototype, like h3's `event.context.sessions`. V8 would store `Object.create(null)` as a slower
 * hash table.
 */
export const ByName = (() => {
  function ByName() {}
  ByName.prototype = Object.create(null)
  return ByName as unknown as new <T>() => Record<string, T>
})()
