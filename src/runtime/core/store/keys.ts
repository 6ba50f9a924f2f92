import { BoundedCache } from '../utils/bounded-cache'

/** Whether this is a session's key. Any other string could be the key of something else in the store. */
export function isHandle(key: string): boolean {
  return /^[0-9a-f]{64}$/.test(key)
}

/** Whether a name is the part of a user's keys that names the user. */
export function isUserHash(name: string): boolean {
  return /^[0-9a-f]{32}$/.test(name)
}

/** Whether a file's name is that of a draft of {@link StoreFiles.replace}. */
export function isDraft(name: string): boolean {
  return /^[0-9a-f]{64}\.[0-9a-f-]{36}$/.test(name)
}

// Many, for the masters of a cluster; few, because each takes 100 bytes.
const SHARDS = 128
const BYTES_PER_SHARD = 256 / SHARDS

const ENTRY = /^(?:(dead|uepoch|lineage|user:[^:]*):)?([0-9a-f]{64})$/
const KINDS: Record<string, 'session' | 'tombstone' | 'epoch' | 'lineage'> = { '': 'session', 'dead': 'tombstone', 'uepoch': 'epoch', 'lineage': 'lineage' }

export interface StoreEntry {
  kind: 'session' | 'tombstone' | 'epoch' | 'lineage' | 'user'
  /** The session's handle; for a lineage, that of its first session; for an epoch, the hash of the user's id, or of `''`. */
  handle: string
}

/**
 * The keys of the store, relative to the mount. A session's key is its handle; a user's keys contain the user id's
 * hash. All other keys sort after the handles, so a page of sessions is one range of keys.
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
  /** The end of a lineage. */
  lineage(lineage: string) { return `${this.prefix}lineage:${lineage}` }
  /** The part of the index of all sessions that contains this one, if the backend has such an index. */
  shard(handle: string) { return this.shardOf(Number.parseInt(handle.slice(0, 2), 16)) }
  /** All parts, in the order of their handles. */
  get shards() { return Array.from({ length: SHARDS }, (_item, at) => this.shardOf(at * BYTES_PER_SHARD)) }
  get users() { return `${this.prefix}user:` }
  /** Half of the hash saves memory. Whoever reads the index checks the user in the record. */
  user(userId: string) { return this.users + this.hashOf(userId).slice(0, 32) }
  userSession(userId: string, handle: string) { return `${this.user(userId)}:${handle}` }
  get epochs() { return `${this.prefix}uepoch:` }
  epoch(userId: string) { return this.epochs + this.hashOf(userId) }
  /** No user has an empty id. */
  get appEpoch() { return this.epoch('') }

  private shardOf(byte: number): string {
    return `${this.prefix}sessions:${(byte - byte % BYTES_PER_SHARD).toString(16).padStart(2, '0')}`
  }

  private hashOf(userId: string): string {
    const known = this.hashes.get(userId)
    if (known !== undefined) return known
    const hash = this.hash(userId)
    this.hashes.set(userId, hash, 2 * userId.length + 256)
    return hash
  }

  parse(key: string): StoreEntry | undefined {
    if (!key.startsWith(this.prefix)) return undefined
    const [, place = '', handle] = ENTRY.exec(key.slice(this.prefix.length)) ?? []
    return handle === undefined ? undefined : { kind: KINDS[place] ?? 'user', handle }
  }
}
