import { MAX_COOKIE_BYTES } from './cookie-rules'

const HEAD = '__chunked__'
/** As many as h3 v2 reads. */
export const MAX_CHUNKS = 100
// name.NN=
const SUFFIX_LENGTH = 4

/** The name of the chunk `index`, counted from 1, as h3 v2 writes it. */
export function chunkName(name: string, index: number): string {
  return `${name}.${index}`
}

/**
 * Splits a value over cookies as h3 v2 does: `name=__chunked__N`, then `name.1` to `name.N`. A value that fits
 * stays whole. No cookie exceeds what browsers take (RFC 6265bis, 5.6).
 *
 * @returns the cookies by name, or `undefined` where they would be more than 100
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
 * The value that the request's cookies hold under `name`, whole or in chunks.
 * @returns `''` where chunks are announced that are missing or absurd in number
 */
export function joinChunks(name: string, cookies: Record<string, string>): string | undefined {
  const head = cookies[name]
  // h3 v1 empties a cookie to clear it, and leaves it in the browser.
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

/** The names of a session's cookies in the request: its own and its chunks, complete or not. */
export function namesOf(name: string, cookies: Record<string, string>): string[] {
  return Object.keys(cookies).filter(key => key.startsWith(name) && (key.length === name.length || isChunkOf(name, key)))
}

/** Whether a cookie's value is a seal, or announces one in chunks. */
export function isToken(value: string): boolean {
  return value.startsWith('Fe26.2*') || value.startsWith(HEAD)
}

/** Whether a cookie's name can be a chunk's. */
export function isChunkName(name: string): boolean {
  return /\.\d+$/.test(name)
}

function isChunkOf(name: string, key: string): boolean {
  return key.startsWith(`${name}.`)
    && /^[1-9]\d{0,2}$/.test(key.slice(name.length + 1))
    && Number(key.slice(name.length + 1)) <= MAX_CHUNKS
}
