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
    // `for in` also lists what somebody added to Object.prototype.
    if (isNested(copy[key]) && Object.hasOwn(copy, key)) copy[key] = copyJson(copy[key])
  }
  return copy
}

// Bytes in V8 on 64 bits.
const POINTER = 8
const STRING_HEAD = 24
const ARRAY_HEAD = 48
const OBJECT_HEAD = 40
// V8 shares the key names of objects with the same keys. Other objects need their own.
const KEY = 24

/** Approximate bytes of what `JSON.parse` returned, rather too many than too few. */
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
