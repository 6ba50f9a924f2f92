import { isPlainObject } from './data'

// Deeper data gets the full check, which stops before JSON overflows the stack.
const PLAIN_DEPTH = 32

/** A fast check that suffices for most data: JSON writes all of it. The full check of other data builds the path of every value. */
export function isPlainJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'object' && value !== null) return isPlainTree(value, depth)
  return value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)
}

function isPlainTree(value: object, depth: number): boolean {
  if (depth > PLAIN_DEPTH || Object.getOwnPropertySymbols(value).length > 0) return false
  if (hasToJson(value)) return value instanceof Date && value.toJSON === Date.prototype.toJSON
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlainJson(item, depth + 1)) return false
    return true
  }
  if (!isPlainObject(value)) return false
  for (const key in value) if (!isPlainJson(value[key], depth + 1)) return false
  return true
}

/** Whether JSON writes another value in place of this one. */
export function hasToJson(value: unknown): value is { toJSON: () => unknown } {
  return typeof value === 'object' && value !== null && typeof (value as { toJSON?: unknown }).toJSON === 'function'
}
