import { SessionError } from './errors'

// What JSON writes as {} or as something that cannot be read back.
const LOSSY = new Set([
  'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Promise', 'RegExp', 'Error', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView',
])

/**
 * Refuses data that JSON would lose without a word, and names its path.
 * @throws SESSION_NOT_SERIALIZABLE
 */
export function assertSerializable(value: unknown, path: string): void {
  check(value, path, [])
}

function check(value: unknown, path: string, ancestors: object[]): void {
  const problem = problemOf(value, ancestors)
  if (problem) {
    throw new SessionError('SESSION_NOT_SERIALIZABLE',
      `${path} ${problem}, which JSON loses. Store a plain value in its place: a string, number, boolean, null, array or object.`)
  }
  if (value === null || typeof value !== 'object') return
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    const json: unknown = (value as { toJSON: () => unknown }).toJSON()
    if (json !== value) check(json, path, [...ancestors, value])
    return
  }
  const parents = [...ancestors, value]
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) check(item, `${path}[${index}]`, parents)
    return
  }
  for (const key of Object.keys(value)) check((value as Record<string, unknown>)[key], `${path}.${key}`, parents)
}

function problemOf(value: unknown, ancestors: object[]): string | undefined {
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

function objectProblem(value: object, ancestors: object[]): string | undefined {
  if (ancestors.includes(value)) return 'contains itself'
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return undefined
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  if (LOSSY.has(tag) || value instanceof Error) return `is of type ${tag}`
  if (ArrayBuffer.isView(value)) return `is of type ${tag}`
  if (Object.getOwnPropertySymbols(value).some(key => Object.prototype.propertyIsEnumerable.call(value, key)))
    return 'has a symbol as a key'
  return undefined
}
