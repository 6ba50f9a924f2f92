import type { CachedToken, OpenedTokens } from '../config/types'
import { BoundedCache } from '../utils/bounded-cache'

/** The content of a token, as a copy that the caller may change. */
export function readContent({ content }: CachedToken<unknown>): unknown {
  return 'text' in content ? JSON.parse(content.text) : copyJson(content.value)
}

/** Limits of both segments together. */
export const TOKEN_CACHE_LIMITS = { maxEntries: 1000, maxBytes: 4 * 1024 * 1024 }

// Tokens seen once go to a probation segment, so that a flood cannot evict returning visitors.
const PROBATION_SHARE = 1 / 4
// About the size of map entry, object and string headers.
const ENTRY_BYTES = 200
// With fewer hits per fill the cache costs more than it saves.
const MIN_HITS_PER_FILL = 0.67
const WINDOW = 1024
// While the cache does not pay off, it keeps one of this many tokens, to notice when it would.
const SAMPLE = 16

/**
 * Tokens with a verified MAC and their content: a returning visitor costs a look-up and a copy. The process's memory
 * contains this plaintext, as it contains that of running requests.
 */
export class TokenCache<Owner extends object> implements OpenedTokens<Owner> {
  private readonly main = createSegment<Owner>(1 - PROBATION_SHARE)
  private readonly probation = createSegment<Owner>(PROBATION_SHARE)
  private hits = 0
  private fills = 0
  /** Whether only a sample is kept, because too few tokens came again. */
  isSampling = false

  get size() { return this.main.size + this.probation.size }
  get bytes() { return this.main.bytes + this.probation.bytes }

  get(token: string, owner: Owner): CachedToken<Owner> | undefined {
    const key = keyOf(token)
    const found = this.main.get(key)
    const entry = found ?? this.probation.get(key)
    if (entry === undefined || entry.owner !== owner || entry.token !== token) return undefined
    if (found === undefined) {
      this.probation.delete(key)
      this.main.set(key, entry, bytesOf(entry))
    }
    else if ('text' in entry.content) {
      // A copy is three times faster than parsing. Tokens that each response replaces never get here.
      entry.content = { value: JSON.parse(entry.content.text) }
      this.main.set(key, entry, bytesOf(entry))
    }
    this.count(key, 1, 0)
    return entry
  }

  add(entry: CachedToken<Owner>, isSlice = false): void {
    const key = keyOf(entry.token)
    this.count(key, 0, 1)
    if (this.isSampling && !isSampled(key)) return
    const found = this.main.get(key)
    // Another token has the same key by chance, and stays.
    if (found && found.token !== entry.token) return
    this.main.delete(key)
    this.probation.set(key, isSlice ? withOwnTexts(entry) : entry, bytesOf(entry))
  }

  delete(token: string): void {
    const key = keyOf(token)
    this.main.delete(key)
    this.probation.delete(key)
  }

  private count(key: number, hits: number, fills: number): void {
    if (this.isSampling && !isSampled(key)) return
    this.hits += hits
    this.fills += fills
    if (this.hits + this.fills < (this.isSampling ? WINDOW / SAMPLE : WINDOW)) return
    this.isSampling = this.hits < this.fills * MIN_HITS_PER_FILL
    this.hits = this.fills = 0
  }
}

function createSegment<Owner>(share: number): BoundedCache<number, CachedToken<Owner>> {
  const { maxEntries, maxBytes } = TOKEN_CACHE_LIMITS
  return new BoundedCache({ maxEntries: maxEntries * share, maxBytes: maxBytes * share })
}

/** A number from five characters of the MAC: V8 would hash the whole token. Callers compare the token after the look-up. */
function keyOf(token: string): number {
  const end = token.length - 2
  let key = 0
  for (let at = end - 4; at <= end; at++) key = key << 6 | token.charCodeAt(at) & 63
  return key & 0x3FFFFFFF
}

/** The same entry with copies of its texts, because V8 keeps a whole header in memory as long as a slice of it. */
function withOwnTexts<Owner>(entry: CachedToken<Owner>): CachedToken<Owner> {
  const { token, expiration } = entry
  const own = `${token} ${expiration}`
  return { ...entry, token: own.slice(0, token.length), expiration: own.slice(token.length + 1) }
}

function isSampled(key: number): boolean {
  return key % SAMPLE === 0
}

function bytesOf({ token, content }: CachedToken<unknown>): number {
  return token.length + ('text' in content ? 2 * content.text.length : sizeOfJson(content.value)) + ENTRY_BYTES
}

/** A copy of what `JSON.parse` returned. */
export function copyJson<T>(value: T): T
export function copyJson(value: unknown): unknown {
  if (!isNested(value)) return value
  if (Array.isArray(value)) {
    const copy: unknown[] = value.slice()
    for (let index = 0; index < copy.length; index++) if (isNested(copy[index])) copy[index] = copyJson(copy[index])
    return copy
  }
  const copy: Record<string, unknown> = { ...value }
  for (const key in copy) {
    // `for in` also lists properties that other code has added to Object.prototype.
    if (isNested(copy[key]) && Object.hasOwn(copy, key)) copy[key] = copyJson(copy[key])
  }
  return copy
}

// Bytes in V8 on 64 bits.
const POINTER = 8
const STRING_HEAD = 24
const ARRAY_HEAD = 48
const OBJECT_HEAD = 40
// V8 shares the key names of objects with the same keys. Other objects need their own.
const KEY = 24

/** Approximate bytes of what `JSON.parse` returned, rather too many than too few. */
export function sizeOfJson(value: unknown): number {
  if (typeof value === 'string') return STRING_HEAD + 2 * value.length
  if (!isNested(value)) return POINTER
  if (Array.isArray(value)) return value.reduce<number>((bytes, item) => bytes + POINTER + sizeOfJson(item), ARRAY_HEAD)
  let bytes = OBJECT_HEAD
  for (const key in value) bytes += KEY + key.length + sizeOfJson(value[key])
  return bytes
}

function isNested(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
