/** A copy of what `JSON.parse` returned. */
export function copyJson<T>(value: T): T
export function copyJson(value: unknown): unknown {
  if (!isNested(value)) return value
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice()
    for (let index = 0; index < copy.length; index++) {
      if (isNested(copy[index])) copy[index] = copyJson(copy[index])
    }
    return copy
  }
  const copy: Record<string, unknown> = { ...value }
  for (const key in copy) {
    // Whoever adds to Object.prototype must not find it in everybody's data.
    if (isNested(copy[key]) && Object.hasOwn(copy, key)) copy[key] = copyJson(copy[key])
  }
  return copy
}

// As deep as a look goes that only tells whether all is plain.
const PLAIN_DEPTH = 32
const NOT_PLAIN = Symbol('not plain')

/**
 * What JSON gives back of a value, in a third of the time, where the value is of what JSON surely keeps, as nearly all
 * data is; else `undefined`: then only JSON itself knows.
 */
export function copyPlain<T>(value: T): T | undefined {
  const copy = plainCopy(value, 0)
  return copy === NOT_PLAIN ? undefined : copy as T
}

function plainCopy(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      // JSON writes -0 as 0.
      return Number.isFinite(value) && !Object.is(value, -0) ? value : NOT_PLAIN
    case 'object':
      return value === null ? null : plainCopyOfTree(value, depth)
    default:
      return NOT_PLAIN
  }
}

function plainCopyOfTree(value: object, depth: number): unknown {
  if (depth > PLAIN_DEPTH || typeof (value as { toJSON?: unknown }).toJSON === 'function') return NOT_PLAIN
  if (Object.getOwnPropertySymbols(value).length > 0) return NOT_PLAIN
  const prototype: unknown = Object.getPrototypeOf(value)
  if (Array.isArray(value)) return prototype === Array.prototype ? plainCopyOfList(value, depth + 1) : NOT_PLAIN
  if (prototype !== Object.prototype && prototype !== null) return NOT_PLAIN
  const copy: Record<string, unknown> = { ...value }
  for (const key in copy) {
    const item = copy[key]
    if (typeof item === 'string') continue
    const own = plainCopy(item, depth + 1)
    if (own === NOT_PLAIN) return NOT_PLAIN
    // Whoever adds to Object.prototype must not find it in everybody's data.
    if (own !== item && Object.hasOwn(copy, key)) copy[key] = own
  }
  return copy
}

function plainCopyOfList(list: unknown[], depth: number): unknown {
  const copy = list.slice()
  for (let index = 0; index < copy.length; index++) {
    const own = plainCopy(copy[index], depth)
    if (own === NOT_PLAIN) return NOT_PLAIN
    copy[index] = own
  }
  return copy
}

// As V8 lays them out on 64 bits.
const POINTER = 8
const STRING_HEAD = 24
const ARRAY_HEAD = 48
const OBJECT_HEAD = 40
// Objects with the same keys share their names; others have descriptions of their own.
const KEY = 24

/** Bytes of what `JSON.parse` returned, about: rather too many than too few. */
export function sizeOfJson(value: unknown): number {
  if (typeof value === 'string') return STRING_HEAD + 2 * value.length
  if (!isNested(value)) return POINTER
  let bytes = OBJECT_HEAD
  if (Array.isArray(value)) {
    bytes = ARRAY_HEAD
    for (const item of value as unknown[]) bytes += POINTER + sizeOfJson(item)
    return bytes
  }
  for (const key in value) bytes += KEY + key.length + sizeOfJson(value[key])
  return bytes
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
