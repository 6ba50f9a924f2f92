import type { Json, JsonObject } from '../../../src/devtools/protocol'
import { refusalOfData } from '../../../src/devtools/refused-data'
import { messageOf } from './errors'
import { toJson } from './plain-text'

/** Keys and array indexes from the root of a value to a part of it. */
export type Path = readonly (string | number)[]

export type JsonKind = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

export type ParsedData = { ok: true, data: JsonObject } | { ok: false, error: string }

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function kindOf(value: Json): JsonKind {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as JsonKind
}

/** Parses a text as session data, which is JSON with an object at its root. */
export function parseData(text: string): ParsedData {
  try {
    const value: unknown = JSON.parse(text)
    if (!isJsonObject(value)) return { ok: false, error: 'Session data must be a JSON object: start with { and end with }.' }
    const error = refusalOfData(value)
    return error === undefined ? { ok: true, data: value } : { ok: false, error }
  }
  catch (error) {
    return { ok: false, error: `Not valid JSON: ${messageOf(error)}` }
  }
}

export function entriesOf(value: Json): [key: string | number, value: Json][] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item])
  return isJsonObject(value) ? Object.entries(value) : []
}

/** Formats a path as in code: `user.roles[0]`, `["odd key"]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    if (!/^[\w$]+$/.test(part)) return `${text}[${toJson(part)}]`
    return text ? `${text}.${part}` : part
  }, '')
}
