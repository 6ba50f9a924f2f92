import type { StoredPlace } from '../runtime/server/devtools/messages'
import type { ApiContext } from './api-context'
import type { RecordedSession } from './inspected'
import type { JsonObject } from './protocol'
import { refusalOfData } from './refused-data'

/** The JSON body of a request, whose values may be anything. */
export type RequestBody = Record<string, unknown>

/** The session of the body's key. @throws if there is none */
export function sessionOf({ inspector }: Pick<ApiContext, 'inspector'>, { key }: RequestBody): RecordedSession {
  const session = inspector.find(text(key, 'key'))
  if (!session) throw new Error('The development server has no session with this key.')
  return session
}

/** Where a stored session is. @throws for a cookie session */
export function placeOf({ storage, name, handle }: RecordedSession): StoredPlace {
  if (storage === undefined) throw new Error('This is a cookie session. Only a response to its own browser can change or end it.')
  return { storage, name, handle }
}

/** @throws if a value of the body is no string */
export function text(value: unknown, key: string): string {
  if (typeof value !== 'string') throw new Error(`"${key}" must be a string.`)
  return value
}

/** @throws if a value of the body is no number */
export function number(value: unknown, key: string): number {
  if (typeof value !== 'number') throw new Error(`"${key}" must be a number.`)
  return value
}

/** @throws if a value of the body cannot be the data of a session */
export function dataObject(value: unknown): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('Session data must be a JSON object.')
  const refusal = refusalOfData(value)
  if (refusal !== undefined) throw new Error(refusal)
  return value as JsonObject
}
