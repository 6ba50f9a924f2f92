import { hasSymbolKeys, isPlainObject } from './data'
import { SessionError } from './errors'
import { hasToJson, isPlainJson } from './plain-json'
import { shortPath } from './short-path'
import type { Session } from './types'

// JSON writes these as {} or as something else that cannot be parsed back.
const LOSSY = new Set([
  'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Promise', 'RegExp', 'Error', 'BigInt', 'Symbol', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView',
])

// JSON writes their primitive value.
const BOXED = [Number, String, Boolean]

// Deeper than any real data. Much deeper data overflows the stack in JSON itself.
const MAX_DEPTH = 500

/** Called for a value that JSON changes, such as a Date, which becomes text. */
export type OnChanged = (path: string, type: string) => void

/** @throws SESSION_NOT_SERIALIZABLE with the path of the first value that JSON would lose silently */
export function assertSerializable(value: unknown, path: string, onChanged?: OnChanged): void {
  if (onChanged || !isPlainJson(value)) check(value, path, { ancestors: new Set(), onChanged })
}

/** In development, also warns once about each place that JSON converts. @throws SESSION_NOT_SERIALIZABLE */
export function assertSessionSerializable(
  { data, flash }: Pick<Session, 'data' | 'flash'>,
  env?: { isDevelopment: boolean, warnOnce: (message: string) => void },
): void {
  const onChanged: OnChanged | undefined = env?.isDevelopment ? (path, type) => env.warnOnce(messageOf(path, type)) : undefined
  assertSerializable(data, 'data', onChanged)
  if (flash) assertSerializable(flash, 'flash', onChanged)
}

/** `ancestors`: the objects that contain the value. */
interface CheckContext { ancestors: Set<object>, onChanged: OnChanged | undefined }

function check(value: unknown, path: string, context: CheckContext): void {
  if (!hasToJson(value)) return checkValue(value, path, context)
  const { ancestors, onChanged } = context
  assertNoProblem(ancestryProblem(value, ancestors), path)
  // JSON does not call toJSON on the result.
  const json = value.toJSON()
  if (json === value) return checkValue(value, path, context)
  onChanged?.(path, typeName(value))
  ancestors.add(value)
  checkValue(json, path, context)
  ancestors.delete(value)
}

function checkValue(value: unknown, path: string, context: CheckContext): void {
  const { ancestors, onChanged } = context
  assertNoProblem(problemOf(value, ancestors), path)
  if (value === undefined) onChanged?.(path, 'undefined')
  if (value === null || typeof value !== 'object') return
  const isList = Array.isArray(value)
  if (!isList && !isPlainObject(value)) onChanged?.(path, typeName(value))
  ancestors.add(value)
  if (isList) value.forEach((item, index) => check(item, `${path}[${index}]`, context))
  else for (const [key, item] of Object.entries(value)) check(item, `${path}.${key}`, context)
  ancestors.delete(value)
}

function assertNoProblem(problem: string | undefined, path: string): void {
  if (problem === undefined) return
  throw new SessionError('SESSION_NOT_SERIALIZABLE',
    `${shortPath(path)} ${problem}, which JSON loses. Store a plain value in its place: a string, number, boolean, null, array or object.`)
}

function problemOf(value: unknown, ancestors: Set<object>): string | undefined {
  if (typeof value === 'object') return value === null ? undefined : ancestryProblem(value, ancestors) ?? objectProblem(value)
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `is ${value}`
  return ['function', 'symbol', 'bigint'].includes(typeof value) ? `is a ${typeof value}` : undefined
}

function ancestryProblem(value: object, ancestors: Set<object>): string | undefined {
  if (ancestors.has(value)) return 'contains itself'
  return ancestors.size >= MAX_DEPTH ? `is more than ${MAX_DEPTH} levels deep` : undefined
}

function objectProblem(value: object): string | undefined {
  if (LOSSY.has(tagOf(value)) || value instanceof Error || ArrayBuffer.isView(value)) return `is of type ${tagOf(value)}`
  if (value instanceof Number && !Number.isFinite(value.valueOf())) return `is ${value.valueOf()}`
  // URLSearchParams, iterators, Intl.NumberFormat and similar: their content is not in keys.
  const isEmpty = Object.keys(value).length === 0 && !isPlainObject(value) && !Array.isArray(value) && !BOXED.some(type => value instanceof type)
  if (isEmpty) return `is of type ${typeName(value)}`
  return hasSymbolKeys(value) ? 'has a symbol as a key' : undefined
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

/** The name of the app's class, else of the built-in type. */
function typeName(value: object): string {
  const tag = tagOf(value)
  const { name } = (value.constructor ?? {}) as { name?: unknown }
  return tag === 'Object' && typeof name === 'string' && /^\w{1,40}$/.test(name) ? name : tag
}

function messageOf(path: string, type: string): string {
  // One message for all items of a list.
  const place = path.replaceAll(/\[\d+\]/g, '[]')
  const stored = type === 'Date' ? 'a string, such as "2026-11-28T00:00:00.000Z"' : 'what JSON.stringify makes of it'
  if (type === 'undefined') return `${place} is undefined. JSON leaves it out, or stores null in a list, and that is what the next request reads.`
  return `${place} is of type ${type}. JSON stores ${stored}, and that is what the next request reads.`
}
