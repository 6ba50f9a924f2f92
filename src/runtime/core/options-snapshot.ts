/**
 * What options are at this moment. Frozen objects are kept as they are, others are copied, so that a later
 * change of theirs shows in {@link sameOptions}.
 */
export function snapshotOf<T>(options: T): T {
  if (options instanceof Date) return new Date(options) as T
  if (!isTree(options)) return options
  const copy = Array.isArray(options) ? options.map(snapshotOf) : mapValues(options)
  const isFixed = Object.isFrozen(options) && Object.keys(options).every(key => copy[key as never] === options[key])
  return isFixed ? options : copy as T
}

function mapValues(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, snapshotOf(value)]))
}

/** Whether options are still what `snapshot` was made of. */
export function sameOptions(options: unknown, snapshot: unknown): boolean {
  if (options === snapshot) return true
  if (options instanceof Date && snapshot instanceof Date) return options.getTime() === snapshot.getTime()
  if (!isTree(options) || !isTree(snapshot) || Array.isArray(options) !== Array.isArray(snapshot)) return false
  let keys = 0
  for (const key in options) {
    if (!Object.hasOwn(snapshot, key) || !sameOptions(options[key], snapshot[key])) return false
    keys++
  }
  return keys === Object.keys(snapshot).length
}

/** Plain objects and arrays; whatever else there is counts by identity. */
function isTree(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Array.isArray(value)
}
