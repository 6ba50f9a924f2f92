import { parse } from 'cookie-es'
import { joinChunks } from '../runtime/core/cookie/cookies'
import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { OwnSession } from '../runtime/server/devtools/messages'
import { sealHash } from './hashes'
import { keyOf } from './sessions'
import type { Sessions } from './sessions'

const MAX_OPENED = 1000

/** A cookie of the browser that shows the panel, by the SHA-256 of its token. */
interface OwnToken { name: string, hash: string }

/** Finds the sessions of the browser that shows the panel, from the cookies of its requests. */
export class OwnCookies {
  /** Hashes of the newest tokens that the panel's own requests have opened. */
  readonly #opened = new BoundedCache<string, true>({ maxEntries: MAX_OPENED })
  /** By the hashes of tokens that are being opened. */
  readonly #opening = new Map<string, Promise<void>>()

  constructor(private readonly sessions: Sessions) {}

  /** The keys of the browser's own sessions: its cookies are their seals, or refer to them. */
  keys(cookieHeader: string, names: readonly string[], own: readonly OwnSession[]): string[] {
    const seals = new Set(hashesOf(cookieHeader, names).map(({ hash }) => hash))
    const sealed = this.sessions.all().flatMap(({ session }) => session.seals?.some(seal => seals.has(seal)) ? [session.key] : [])
    return [...new Set([...sealed, ...own.map(({ name, handle }) => keyOf(name, handle))])]
  }

  /** The browser's cookies whose session is not known, and that were not opened before. */
  unknown(cookieHeader: string, names: readonly string[], own: readonly OwnSession[]): OwnToken[] {
    return hashesOf(cookieHeader, names).filter(({ name, hash }) => {
      const isOwn = own.some(each => each.name === name && this.sessions.get(keyOf(name, each.handle)))
      return !isOwn && !this.#opened.get(hash) && !this.sessions.all().some(({ session }) => session.seals?.includes(hash))
    })
  }

  /** Opens tokens once, also if several requests of panels come at the same time. */
  async open(tokens: readonly OwnToken[], open: (names: string[]) => Promise<void>): Promise<void> {
    const unopened = tokens.filter(({ hash }) => !this.#opening.has(hash))
    if (unopened.length > 0) {
      const opening = this.#openOnce(unopened, open)
      for (const { hash } of unopened) this.#opening.set(hash, opening)
    }
    await Promise.all(tokens.map(({ hash }) => this.#opening.get(hash)))
  }

  async #openOnce(tokens: readonly OwnToken[], open: (names: string[]) => Promise<void>): Promise<void> {
    try {
      await open(tokens.map(({ name }) => name))
      for (const { hash } of tokens) this.#opened.set(hash, true)
    }
    finally {
      for (const { hash } of tokens) this.#opening.delete(hash)
    }
  }
}

function hashesOf(cookieHeader: string, names: readonly string[]): OwnToken[] {
  const cookies = parse(cookieHeader) as Record<string, string>
  return names.flatMap((name) => {
    const token = joinChunks(name, cookies)
    return token ? [{ name, hash: sealHash(token) }] : []
  })
}
