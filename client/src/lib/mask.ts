import { shortPath } from '../../../src/runtime/core/model/short-path'
import type { Json, JsonObject } from '../../../src/devtools/protocol'
import { entriesOf, formatPath, isJsonObject } from './json'
import type { Path } from './json'
import { isSecretText } from './secret-texts'

/** Shown in place of a hidden value. */
export const MASK = '••••••••'

const CONTAINED = /passw(?:or[dt]|d)|passphrase|token|secret|authorization|cookie|credential|privatekey|apikey|accesskey|sessionid|codeverifier|passcode|securityanswer|signature|(?:device|user|email|invite|login)code(?!c)|seedphrase|2fa$|(?:oauth|oidc|auth)state|cardnumber|creditcard/
/** Also of two names, the inner one in the outer one: `{ recovery: { codes } }` is as sensitive as `recoveryCodes`. */
const CODES = /(?:recovery|backup|verification|confirmation|security|onetime|reset|auth|mfa|2fa|factor|sms)code(?!c)/
const WORDS = new Set(['key', 'keys', 'pw', 'pwd', 'pass', 'pin', 'otp', 'totp', 'csrf', 'ssn', 'jwt', 'bearer', 'seal', 'auth', 'nonce', 'cvv', 'cvc', 'pkce', 'mnemonic', 'challenge', 'iban', 'salt'])

/** Whether a key's name indicates a secret: `accessToken`, `api_key`, `password`. */
export function isSensitiveKey(key: string): boolean {
  const words = wordsOf(key)
  const text = words.join('')
  return CONTAINED.test(text) || CODES.test(text) || words.some(word => WORDS.has(word))
}

function wordsOf(key: string): string[] {
  return key.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase().split(/[^a-z\d]+/).filter(Boolean)
}

/** The `state` of OAuth: a random text. Other states are words. */
const RANDOM = /^(?=.*\d)[\w.~+/=-]{16,}$/
/** Names whose values are hidden if they are codes. Other values there are words, addresses and dates. */
const OF_CODES = /(?:recovery|two[-_ ]?factor)$/i
const CODE = /^(?!\d{4}-\d\d-\d\d$)(?=.*\d)[\w -]{6,}$/

/** Values below a sensitive key are hidden too. Empty values and booleans are shown: they reveal no secret. */
export function isHidden(path: Path, value: Json | undefined): boolean {
  if (!isWorthHiding(value)) return false
  const names = path.filter(key => typeof key === 'string')
  const isOfCode = names.some((name, index) => index > 0 && CODES.test(wordsOf(`${names[index - 1]!} ${name}`).join('')))
  if (isOfCode || names.some(isSensitiveKey) || isSecretText(value, isSensitiveKey)) return true
  const name = names.at(-1) ?? ''
  return (name === 'state' && typeof value === 'string' && RANDOM.test(value)) || (OF_CODES.test(name) && isCode(value))
}

/** A number of milliseconds since 1970 has more digits. */
function isCode(value: Json | undefined): boolean {
  return typeof value === 'number' ? value >= 100_000 && value < 1e12 : typeof value === 'string' && CODE.test(value)
}

function isWorthHiding(value: Json | undefined): boolean {
  return value !== null && value !== undefined && typeof value !== 'boolean' && value !== ''
}

/** Returns a copy with every hidden value replaced by `MASK`, and the number of hidden values. */
export function maskValue(value: Json, path: Path = []): { value: Json, hidden: number } {
  if (isHidden(path, value)) return { value: MASK, hidden: 1 }
  let hidden = 0
  const mask = (key: string | number, item: Json): Json => {
    const masked = maskValue(item, [...path, key])
    hidden += masked.hidden
    return masked.value
  }
  if (Array.isArray(value)) return { value: value.map((item, index) => mask(index, item)), hidden }
  if (!isJsonObject(value)) return { value, hidden: 0 }
  return { value: Object.fromEntries(entriesOf(value).map(([key, item]) => [key, mask(key, item)])), hidden }
}

/**
 * Puts the hidden values back into an edited copy, by their path.
 * `unresolved`: paths of masks for which the original has no hidden value.
 */
export function unmaskData(edited: JsonObject, original: JsonObject): { data: JsonObject, unresolved: string[] } {
  const unresolved: string[] = []
  const restore = (value: Json, before: Json | undefined, path: Path): Json => {
    if (value === MASK) {
      if (isHidden(path, before)) return before as Json
      unresolved.push(shortPath(formatPath(path)))
      return value
    }
    if (Array.isArray(value)) return value.map((item, index) => restore(item, Array.isArray(before) ? before[index] : undefined, [...path, index]))
    if (!isJsonObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, restore(item, isJsonObject(before) ? before[key] : undefined, [...path, key])]))
  }
  return { data: restore(edited, original, []) as JsonObject, unresolved }
}
