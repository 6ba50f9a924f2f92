import { isPlainObject } from '../model/data'

/** Options as they are now, for {@link sameOptions}. Copies all objects that can still change. */
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

/** Whether options equal a snapshot. */
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

/** Plain objects and arrays. Everything else is compared by identity. */
function isTree(value: unknown): value is Record<string, unknown> {
  return Array.isArray(value) || isPlainObject(value)
}
