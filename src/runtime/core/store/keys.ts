import { BoundedCache } from '../bounded-cache'

const HANDLE = /^[0-9a-f]{64}$/

/** Whether a key is one that sessions have; others could name something else in the store. */
export function isHandle(key: string): boolean {
  return HANDLE.test(key)
}

/**
 * Names of what is kept, relative to the mount. A session's key is its handle; users are named by their id's hash.
 * The first letters sort behind a handle's: pages of sessions are one range of keys.
 */
export class StoreKeys {
  readonly prefix: string
  private readonly hashes = new BoundedCache<string, string>({ maxEntries: 1000, maxBytes: 1024 * 1024 })

  constructor(prefix: string, private readonly hash: (text: string) => string) {
    const name = prefix.replaceAll(/[:/\\]+/g, ':').replaceAll(/^:|:$/g, '')
    this.prefix = name === '' ? '' : `${name}:`
  }

  session(handle: string) { return this.prefix + handle }
  tombstone(handle: string) { return `${this.prefix}dead:${handle}` }
  /** All of the store's sessions, where that is one item. */
  get all() { return `${this.prefix}sessions` }
  get users() { return `${this.prefix}user:` }
  user(userId: string) { return this.users + this.hashOf(userId) }
  userSession(userId: string, handle: string) { return `${this.user(userId)}:${handle}` }
  epoch(userId: string) { return `${this.prefix}uepoch:${this.hashOf(userId)}` }

  hashOf(userId: string): string {
    const known = this.hashes.get(userId)
    if (known !== undefined) return known
    const hash = this.hash(userId)
    this.hashes.set(userId, hash, 2 * userId.length + 256)
    return hash
  }

  /** What a key names: a session, a tombstone of its own, a user's session, or nothing of ours. */
  read(key: string): { handle: string, kind: 'session' | 'tombstone' } | { handle: string, kind: 'user', userHash: string } | undefined {
    if (!key.startsWith(this.prefix)) return undefined
    const parts = key.slice(this.prefix.length).split(':')
    const handle = parts.at(-1)!
    if (!isHandle(handle)) return undefined
    if (parts.length === 1) return { handle, kind: 'session' }
    if (parts.length === 2 && parts[0] === 'dead') return { handle, kind: 'tombstone' }
    if (parts.length === 3 && parts[0] === 'user') return { handle, kind: 'user', userHash: parts[1]! }
    return undefined
  }
}
