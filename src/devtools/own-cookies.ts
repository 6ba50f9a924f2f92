import { createHash } from 'node:crypto'
import { parse } from 'cookie-es'
import { joinChunks } from '../runtime/core/cookie/cookies'
import type { OwnSession } from '../runtime/server/devtools/messages'
import { keyOf } from './sessions'
import type { Sessions } from './sessions'

/** Finds the sessions of the browser that shows the panel, from the cookies of its requests. */
export class OwnCookies {
  /** Hashes of tokens that the panel's own requests have opened. */
  readonly #opened = new Set<string>()

  constructor(private readonly sessions: Sessions) {}

  /** The keys of the browser's own sessions: its cookies are their seals, or refer to them. */
  keys(cookieHeader: string, names: readonly string[], own: readonly OwnSession[]): string[] {
    const seals = new Set(hashesOf(cookieHeader, names).map(({ hash }) => hash))
    const sealed = this.sessions.all().flatMap(({ session }) => session.seals?.some(seal => seals.has(seal)) ? [session.key] : [])
    return [...new Set([...sealed, ...own.map(({ name, handle }) => keyOf(name, handle))])]
  }

  /** The names of the browser's cookies whose session is not known. Each token is named once. */
  unknown(cookieHeader: string, names: readonly string[], own: readonly OwnSession[]): string[] {
    const unknown = hashesOf(cookieHeader, names).filter(({ name, hash }) => {
      const isOwn = own.some(each => each.name === name && this.sessions.get(keyOf(name, each.handle)))
      return !isOwn && !this.#opened.has(hash) && !this.sessions.all().some(({ session }) => session.seals?.includes(hash))
    })
    for (const { hash } of unknown) this.#opened.add(hash)
    return unknown.map(({ name }) => name)
  }
}

function hashesOf(cookieHeader: string, names: readonly string[]): { name: string, hash: string }[] {
  const cookies = parse(cookieHeader) as Record<string, string>
  return names.flatMap((name) => {
    const token = joinChunks(name, cookies)
    return token ? [{ name, hash: createHash('sha256').update(token).digest('base64url') }] : []
  })
}
