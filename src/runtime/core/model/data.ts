import { SessionError } from './errors'
import type { SessionDataShape, SessionUpdate } from './types'

/** Returns a changed copy of `data`. @throws SESSION_NOT_SERIALIZABLE if the update is not an object */
export function applyUpdate(data: SessionDataShape, update: SessionUpdate<SessionDataShape> | undefined): SessionDataShape {
  if (typeof update !== 'function') return mergeData(data, update)
  const draft = cloneData(data)
  const patch: unknown = update(draft)
  if (patch instanceof Promise) {
    // An unhandled rejection would end the process.
    patch.catch(() => undefined)
    throw notAnObject('the function given to update() returned a promise. Await first, then call update().')
  }
  return mergeData(draft, patch)
}

/** Shallow merge. `undefined` removes a key; a key `__proto__` is ignored. */
export function mergeData(data: SessionDataShape, patch: unknown): SessionDataShape {
  const merged = { ...data }
  if (patch === undefined || patch === null) return merged
  const type = Object.prototype.toString.call(patch).slice(8, -1)
  if (type !== 'Object') throw notAnObject(`session data must be an object, not of type ${type}.`)
  if (hasSymbolKeys(patch)) throw notAnObject('session data has a symbol as a key, which JSON drops.')
  for (const [key, value] of Object.entries(patch)) {
    if (key === '__proto__') continue
    if (value === undefined) Reflect.deleteProperty(merged, key)
    else merged[key] = value
  }
  return merged
}

export function assignExactly(target: SessionDataShape, source: SessionDataShape): void {
  for (const key of Object.keys(target)) {
    if (!Object.hasOwn(source, key)) Reflect.deleteProperty(target, key)
  }
  for (const key of Object.keys(source)) if (key !== '__proto__') target[key] = source[key]
}

export function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

export function isFilledString(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

export function isDataObject(value: unknown): value is SessionDataShape {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Removes all own keys `__proto__`, which JSON.parse creates, in place and at any depth. */
export function dropProtoKeys(value: unknown): void {
  // Not recursive, because data that was sealed elsewhere may be too deep for the stack.
  const pending = [value]
  while (pending.length > 0) {
    const item = pending.pop()
    if (typeof item !== 'object' || item === null) continue
    if (Object.hasOwn(item, '__proto__')) Reflect.deleteProperty(item, '__proto__')
    for (const child of Object.values(item)) pending.push(child)
  }
}

/** Copies plain objects and arrays. Everything else is shared. */
export function cloneData<T>(value: T): T {
  if (Array.isArray(value)) return value.map(item => cloneData<unknown>(item)) as T
  if (!isPlainObject(value)) return value
  const copy: SessionDataShape = {}
  for (const key of Object.keys(value)) if (key !== '__proto__') copy[key] = cloneData(value[key])
  return copy as T
}

export function isPlainObject(value: unknown): value is SessionDataShape {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  // Also objects of another realm, and h3's queries and sessions, whose prototype is an empty object.
  return Object.getPrototypeOf(prototype) === null
}

export function hasSymbolKeys(value: object): boolean {
  return Object.getOwnPropertySymbols(value).some(key => Object.prototype.propertyIsEnumerable.call(value, key))
}

function notAnObject(message: string): SessionError {
  return new SessionError('SESSION_NOT_SERIALIZABLE', message)
}

/** Whether JSON may contain a key `__proto__`, plain or escaped. May return true without one, but never false with one. */
export function mayHoldProtoKeys(json: string): boolean {
  return json.includes('__proto__') || json.includes('\\u')
}
