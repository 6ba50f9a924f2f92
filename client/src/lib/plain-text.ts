import { shorten } from '../../../src/runtime/server/devtools/shorten'
import type { Json } from '../../../src/devtools/protocol'

/** Characters that show nothing, or change the direction of the text after them. JSON does not escape them. */
const INVISIBLE = /[\u007F-\u009F\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/g
/** Those that JSON escapes. */
const CONTROL = /[\u0000-\u001F]/g // eslint-disable-line no-control-regex

/** Writes control characters as in JSON, such as `\\u202e`, so that a text of a visitor cannot rearrange the panel. */
export function plainText(text: string): string {
  return text.replace(CONTROL, escapeCharacter).replace(INVISIBLE, escapeCharacter)
}

/** The same for a key of data. A key that is empty, or begins or ends with a space, is shown in quotes. */
export function plainKey(key: string): string {
  return key === '' || key !== key.trim() ? `"${plainText(key)}"` : plainText(key)
}

/** The same for a changed key, which has a sign before it: `+cart`. */
export function plainChange(change: string): string {
  return change.slice(0, 1) + plainKey(change.slice(1))
}

/** The same for a name, without the end of a long one. */
export function plainName(name: string): string {
  return plainText(shorten(name))
}

/** The value as JSON, with all control characters escaped: it is still the same value. */
export function toJson(value: Json, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(INVISIBLE, escapeCharacter)
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
