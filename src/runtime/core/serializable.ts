import { hasSymbolKeys } from './data'
import { SessionError } from './errors'
import type { Session } from './types'

// What JSON writes as {} or as something that cannot be read back.
const LOSSY = new Set([
  'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Promise', 'RegExp', 'Error', 'BigInt', 'Symbol', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView',
])

// Deeper than any data; far deeper, JSON itself ends in a stack overflow.
const MAX_DEPTH = 500
// As deep as a look goes that only tells whether all is plain.
const PLAIN_DEPTH = 32

/**
 * Refuses data that JSON would lose without a word, and names its path.
 * @throws SESSION_NOT_SERIALIZABLE
 */
export function assertSerializable(value: unknown, path: string): void {
  if (!isPlain(value, 0)) check(value, path, new Set())
}

/** The same of all that a session holds of the app's. @throws SESSION_NOT_SERIALIZABLE */
export function assertSessionSerializable({ data, flash }: Pick<Session, 'data' | 'flash'>): void {
  assertSerializable(data, 'data')
  if (flash) assertSerializable(flash, 'flash')
}

/**
 * Whether a value is of what JSON surely keeps, as nearly all data is; this takes a fraction of the time of
 * {@link check}, which makes the path of everything that it looks at.
 */
function isPlain(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object':
      return value === null || isPlainTree(value, depth)
    default:
      return false
  }
}

function isPlainTree(value: object, depth: number): boolean {
  if (depth > PLAIN_DEPTH || typeof (value as { toJSON?: unknown }).toJSON === 'function') return false
  if (Object.getOwnPropertySymbols(value).length > 0) return false
  if (Array.isArray(value)) return isPlainList(value, depth + 1)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key in value) {
    if (!isPlain((value as Record<string, unknown>)[key], depth + 1)) return false
  }
  return true
}

function isPlainList(list: unknown[], depth: number): boolean {
  for (const item of list) {
    if (!isPlain(item, depth)) return false
  }
  return true
}

function check(value: unknown, path: string, ancestors: Set<object>): void {
  const problem = problemOf(value, ancestors)
  if (problem) {
    throw new SessionError('SESSION_NOT_SERIALIZABLE',
      `${path} ${problem}, which JSON loses. Store a plain value in its place: a string, number, boolean, null, array or object.`)
  }
  if (value === null || typeof value !== 'object') return
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    const json: unknown = (value as { toJSON: () => unknown }).toJSON()
    if (json !== value) check(json, path, new Set([...ancestors, value]))
    return
  }
  ancestors.add(value)
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, ancestors)
  }
  else {
    for (const key of Object.keys(value)) check((value as Record<string, unknown>)[key], `${path}.${key}`, ancestors)
  }
  ancestors.delete(value)
}

function problemOf(value: unknown, ancestors: Set<object>): string | undefined {
  switch (typeof value) {
    case 'function':
    case 'symbol':
    case 'bigint':
      return `is a ${typeof value}`
    case 'number':
      return Number.isFinite(value) ? undefined : `is ${value}`
    case 'object':
      return value === null ? undefined : objectProblem(value, ancestors)
    default:
      return undefined
  }
}

function objectProblem(value: object, ancestors: Set<object>): string | undefined {
  if (ancestors.has(value)) return 'contains itself'
  if (ancestors.size >= MAX_DEPTH) return `lies more than ${MAX_DEPTH} levels deep`
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return undefined
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (LOSSY.has(tag) || value instanceof Error) return `is of type ${tag}`
  if (value instanceof Number && !Number.isFinite(value.valueOf())) return `is ${value.valueOf()}`
  if (ArrayBuffer.isView(value)) return `is of type ${tag}`
  if (hasSymbolKeys(value)) return 'has a symbol as a key'
  return undefined
}
