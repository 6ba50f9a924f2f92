import type { Transport } from '../transport'
import { joinChunks } from '../../cookie/cookies'
import { sessionKey } from './response-cache'
import type { EntryOwner } from './response-cache'

/** Lists the owners of a cache entry. Only requests with their tokens get the entry. The header is never sent. */
export const OWNERS_HEADER = 'x-nuxt-h3-session-owners'

/** Formats owners as the value of {@link OWNERS_HEADER}. Header and cookie names contain neither spaces nor commas. */
export function formatOwners(owners: Iterable<EntryOwner>): string {
  return Array.from(owners, ({ header, name, hash, isPrivate }) => [header, name, hash, ...isPrivate ? ['private'] : []].join(' ')).join(', ')
}

// Header and cookie names are tokens (RFC 9110, 5.6.2); the hash is hexadecimal.
const OWNER = /^([!#$%&'*+.^`|~\w-]+) ([^\s,;=]+) ([\da-f]+)( private)?$/

/** Parses the value of {@link OWNERS_HEADER}; `undefined` if it is invalid. */
export function parseOwners(text: string): EntryOwner[] | undefined {
  const owners = text.split(', ').map((owner) => {
    const [, header, name, hash, isPrivate] = OWNER.exec(owner) ?? []
    return header && name && hash ? { header, name, hash, isPrivate: isPrivate !== undefined } : undefined
  })
  return owners.every(owner => owner !== undefined) ? owners : undefined
}

export function isOwner(request: Pick<Transport, 'requestHeader' | 'requestCookies'>, { header, name, hash }: EntryOwner, digest: (text: string) => string): boolean {
  const token = header === 'cookie' ? joinChunks(name, request.requestCookies()) : request.requestHeader(header)
  return token !== undefined && digest(token) === hash
}

/** Adds an entry's owner to the entry of the outer cached route. */
export function copyOwner(transport: Pick<Transport, 'caches'>, owner: EntryOwner): void {
  for (const cache of transport.caches()) {
    if (owner.isPrivate) cache.vary([owner.header])
    if (!cache.owners.has(sessionKey(owner.header, owner.name))) cache.addOwner(owner)
  }
}
