import { MAX_COOKIE_BYTES } from '../config/cookie-rules'

const HEAD = '__chunked__'
/** Maximum of h3 v2. */
export const MAX_CHUNKS = 100
// name.NN=
const SUFFIX_LENGTH = 4

/** The cookie name of a chunk, as in h3 v2. `index` counts from 1. */
export function chunkName(name: string, index: number): string {
  return `${name}.${index}`
}

/**
 * Splits a value over cookies as h3 v2 does: `name=__chunked__N`, then `name.1` to `name.N`. A value that fits into
 * one cookie is not split. No cookie is larger than browsers accept (RFC 6265bis, 5.6).
 *
 * @returns the cookies by name, or `undefined` if there would be more than 100
 */
export function splitIntoChunks(name: string, value: string, chunkMaxLength: number): Map<string, string> | undefined {
  const length = Math.min(chunkMaxLength, MAX_COOKIE_BYTES - name.length - SUFFIX_LENGTH)
  if (value.length <= length) return new Map([[name, value]])
  const count = Math.ceil(value.length / length)
  if (length < 1 || count > MAX_CHUNKS) return undefined
  const cookies = new Map([[name, HEAD + count]])
  for (let index = 1; index <= count; index++)
    cookies.set(chunkName(name, index), value.slice((index - 1) * length, index * length))
  return cookies
}

/**
 * The value of a cookie, joined from its chunks if it was split.
 * @returns `undefined` if the cookie is missing or empty, `''` if the number of chunks is invalid or a chunk is missing
 */
export function joinChunks(name: string, cookies: Record<string, string>): string | undefined {
  const head = cookies[name]
  // h3 v1 clears a cookie by setting an empty value.
  if (!head) return undefined
  if (!head.startsWith(HEAD)) return head
  const count = /^[1-9]\d{0,2}$/.test(head.slice(HEAD.length)) ? Number(head.slice(HEAD.length)) : 0
  if (count < 1 || count > MAX_CHUNKS) return ''
  let value = ''
  for (let index = 1; index <= count; index++) {
    const chunk = cookies[chunkName(name, index)]
    if (!chunk) return ''
    value += chunk
  }
  return value
}

/** The names of a session's cookies in a request: its own and those of its chunks, complete or not. */
export function namesOf(name: string, cookies: Record<string, string>): string[] {
  return Object.keys(cookies).filter(key => key.startsWith(name) && (key.length === name.length || isChunkOf(name, key)))
}

/** Whether a cookie's value is a seal or the number of its chunks. */
export function isToken(value: string): boolean {
  return value.startsWith('Fe26.2*') || value.startsWith(HEAD)
}

/** Whether a cookie's name can be that of a chunk. */
export function isChunkName(name: string): boolean {
  return /\.\d+$/.test(name)
}

function isChunkOf(name: string, key: string): boolean {
  return key.startsWith(`${name}.`)
    && /^[1-9]\d{0,2}$/.test(key.slice(name.length + 1))
    && Number(key.slice(name.length + 1)) <= MAX_CHUNKS
}
