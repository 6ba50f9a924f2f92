import type { TombstoneOutcome, StoreBackend, BackendValue } from '../backend'
import { RecordStore } from '../record-store'
import { DatabaseTable } from './database-table'
import type { Database } from './database-table'
import type { StoreContext } from '../context'
import type { StoreKeys } from '../keys'
import type { Deadline } from '../deadline'
import { asciiJson, decode, isEnded } from '../record'
import { isNewlyBound } from '../session-index'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'
import { sweepEntry } from './sweep-entry'
import type { SweepAccess } from './sweep-entry'

// Upper bounds in any collation: of the handles, which are hexadecimal, and of all keys of the store.
const AFTER_HANDLES = 'g'
const AFTER_ALL_KEYS = 'v'

/** Creates a store in the table of unstorage's db0 driver: one row for each session, and one for each entry of the user index. */
export function createDatabaseStore(context: StoreContext, keys: StoreKeys, database: Database): RecordStore {
  const table = new DatabaseTable(context, database)
  return new RecordStore({ context, keys, backend: new DatabaseBackend(table), index: new DatabaseIndex(context, keys, table) })
}

class DatabaseBackend implements StoreBackend {
  readonly atomicity = 'store'
  readonly encode = asciiJson

  constructor(private readonly table: DatabaseTable) {}

  get(deadline: Deadline, key: string): Promise<string | undefined> {
    return this.table.get(deadline, key)
  }

  compareAndSet(deadline: Deadline, key: string, expected: string | undefined, { text }: BackendValue): Promise<boolean> {
    return expected === undefined ? this.table.insert(deadline, key, text) : this.table.replace(deadline, key, expected, text)
  }

  async putTombstone(deadline: Deadline, key: string, { text }: BackendValue, expected: string | undefined): Promise<TombstoneOutcome> {
    if (expected !== undefined) {
      if (await this.table.replace(deadline, key, expected, text)) return { before: expected }
      return isEnded(decode(await this.table.get(deadline, key))) ? 'dead' : 'changed'
    }
    const before = await this.table.get(deadline, key)
    if (before === undefined && await this.table.insert(deadline, key, text)) return { before }
    return await this.table.putTombstone(deadline, key, text) ? { before } : 'dead'
  }
}

class DatabaseIndex implements SessionIndex, SweepAccess {
  private swept = ''

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly table: DatabaseTable) {}

  async add(deadline: Deadline, handle: string, next: SessionRecord, before?: SessionRecord): Promise<void> {
    if (isNewlyBound(next, before)) await this.table.put(deadline, this.keys.userSession(next.userId!, handle), `${next.expiresAt}`)
  }

  async removeFromUser(deadline: Deadline, handle: string, userId: string): Promise<void> {
    await this.table.remove(deadline, this.keys.userSession(userId, handle))
  }

  async remove(deadline: Deadline, handle: string, userId: string | undefined): Promise<void> {
    if (userId !== undefined) await this.removeFromUser(deadline, handle, userId)
  }

  async page(deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const prefix = userId === undefined ? this.keys.prefix : `${this.keys.user(userId)}:`
    const rows = await this.table.page(deadline, { after: prefix + (cursor ?? ''), below: prefix + AFTER_HANDLES }, limit)
    const handles = rows.map(row => row.key.slice(prefix.length))
    return {
      handles: handles.filter(handle => this.keys.parse(this.keys.session(handle)) !== undefined),
      cursor: rows.length < limit ? undefined : handles.at(-1),
    }
  }

  count(deadline: Deadline): Promise<number> {
    const { prefix } = this.keys
    return this.table.countRecords(deadline, { after: prefix, below: prefix + AFTER_HANDLES }, this.context.env.now())
  }

  async sweep(deadline: Deadline, limit: number): Promise<void> {
    const { prefix } = this.keys
    const rows = await this.table.page(deadline, { after: prefix + this.swept, below: prefix + AFTER_ALL_KEYS }, limit)
    this.swept = rows.length < limit ? '' : rows.at(-1)!.key.slice(prefix.length)
    const sweeping = { deadline, keys: this.keys, now: this.context.env.now(), access: this }
    for (const { key, value } of rows) await sweepEntry(sweeping, key, value)
  }

  async readItem(deadline: Deadline, key: string): Promise<unknown> {
    return this.table.get(deadline, key)
  }

  removeItem(deadline: Deadline, key: string, found: unknown): Promise<unknown> {
    return this.table.remove(deadline, key, String(found))
  }
}
