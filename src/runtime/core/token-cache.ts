import { BoundedCache } from './bounded-cache'
import { copyJson, sizeOfJson } from './json'

/** What a token opened to. */
export interface CachedToken<Owner> {
  readonly token: string
  /** The resolved configuration that opened it; another one may refuse it. */
  readonly owner: Owner
  /** The sealed JSON, which holds nothing that must not reach a session's data; or, once it came twice, what it says. */
  content: JsonText | JsonValue
  /** Milliseconds since 1970, or `''`. */
  readonly expiration: string
  readonly passwordIndex: number
  readonly isFallback: boolean
}

export interface JsonText { readonly text: string }
export interface JsonValue { readonly value: unknown }

/** What a token holds, as the caller's own. */
export function readContent({ content }: CachedToken<unknown>): unknown {
  return 'text' in content ? JSON.parse(content.text) : copyJson(content.value)
}

/** All that the cache may hold together. */
export const TOKEN_CACHE_LIMITS = { maxEntries: 1000, maxBytes: 4 * 1024 * 1024 }

// Tokens that came once, or were only sent, wait apart: a flood of them drives out nobody who comes again.
const FRESH_SHARE = 1 / 4
// Map entry, object and strings besides their characters, about.
const ENTRY_BYTES = 200
// Below this many hits for a fill the cache costs more than it saves.
const MIN_HITS_PER_FILL = 0.67
const WINDOW = 1024
// While it does not pay, one token of this many is kept, to see when it does.
const SAMPLE = 16

/**
 * Tokens whose MAC was verified, with what they hold, so that a visitor who comes again costs a look-up and a
 * copy. Who has the process's memory has their plaintext, as with the requests in flight.
 */
export class TokenCache<Owner extends object> {
  private readonly proven = createSegment<Owner>(1 - FRESH_SHARE)
  private readonly fresh = createSegment<Owner>(FRESH_SHARE)
  private hits = 0
  private fills = 0
  private samples = false

  get size() { return this.proven.size + this.fresh.size }
  /** Bytes of what is kept, about. */
  get bytes() { return this.proven.bytes + this.fresh.bytes }
  /** Whether it keeps only a sample, since too few tokens came again. */
  get isSampling() { return this.samples }

  get(token: string, owner: Owner): CachedToken<Owner> | undefined {
    const key = keyOf(token)
    const proven = this.proven.get(key)
    const entry = proven ?? this.fresh.get(key)
    if (entry === undefined || entry.owner !== owner || entry.token !== token) return undefined
    if (proven === undefined) {
      this.fresh.delete(key)
      this.proven.set(key, entry, bytesOf(entry))
    }
    else if ('text' in entry.content) {
      // Copying takes a third of the time that parsing takes. A token that is replaced by each answer never gets here.
      entry.content = { value: JSON.parse(entry.content.text) }
      this.proven.set(key, entry, bytesOf(entry))
    }
    this.count(key, 1, 0)
    return entry
  }

  /**
   * Keeps what a token opened to, after its MAC was verified, or what was just sealed. What was cut from a header,
   * and would keep it in memory, is copied.
   */
  add(entry: CachedToken<Owner>, isCut = false): void {
    const key = keyOf(entry.token)
    this.count(key, 0, 1)
    if (this.isSampling && !isSampled(key)) return
    const proven = this.proven.get(key)
    // Another token that has the same key by chance keeps its place.
    if (proven && proven.token !== entry.token) return
    this.proven.delete(key)
    this.fresh.set(key, isCut ? uncut(entry) : entry, bytesOf(entry))
  }

  delete(token: string): void {
    const key = keyOf(token)
    this.proven.delete(key)
    this.fresh.delete(key)
  }

  private count(key: number, hits: number, fills: number): void {
    if (this.isSampling && !isSampled(key)) return
    this.hits += hits
    this.fills += fills
    if (this.hits + this.fills < (this.isSampling ? WINDOW / SAMPLE : WINDOW)) return
    this.samples = this.hits < this.fills * MIN_HITS_PER_FILL
    this.hits = this.fills = 0
  }
}

function createSegment<Owner>(share: number): BoundedCache<number, CachedToken<Owner>> {
  const { maxEntries, maxBytes } = TOKEN_CACHE_LIMITS
  return new BoundedCache({ maxEntries: maxEntries * share, maxBytes: maxBytes * share })
}

/** A number of the MAC's characters: V8 would hash all of a string. Whoever has the number compares the token. */
function keyOf(token: string): number {
  const end = token.length - 2
  let key = 0
  for (let at = end - 4; at <= end; at++) key = key << 6 | token.charCodeAt(at) & 63
  return key & 0x3FFFFFFF
}

/** The same with texts that are cut from nothing but each other. */
function uncut<Owner>({ token, owner, content, expiration, passwordIndex, isFallback }: CachedToken<Owner>): CachedToken<Owner> {
  const own = `${token} ${expiration}`
  return { token: own.slice(0, token.length), owner, content, expiration: own.slice(token.length + 1), passwordIndex, isFallback }
}

function isSampled(key: number): boolean {
  return key % SAMPLE === 0
}

function bytesOf({ token, content }: CachedToken<unknown>): number {
  return token.length + ('text' in content ? 2 * content.text.length : sizeOfJson(content.value)) + ENTRY_BYTES
}
