import type { BackendValue, EntryChange, HandlePage, StoreBackend, WriteOutcome } from '../backend'
import type { StoreContext } from '../context'
import type { Deadline } from '../deadline'
import { isHandle } from '../keys'
import type { StoreKeys } from '../keys'
import { asciiJson } from '../record'
import type { SweptBatch } from '../store'
import { DatabaseTable } from './database-table'
import type { Database } from './database-table'
import { sweepEntry } from './sweep'

// The names of db0's connectors `postgresql` and `mysql2`.
const ONE_CONNECTION: unknown[] = ['postgresql', 'mysql']
// Upper bounds in any collation: of the handles, which are hexadecimal, and of all keys of the store.
const AFTER_HANDLES = 'g'
const AFTER_ALL_KEYS = 'v'

/** A backend in the table of unstorage's db0 driver: one row for each session, and one for each entry of the user index. */
export class DatabaseBackend implements StoreBackend {
  readonly atomicity = 'store'
  readonly hasOneConnection: boolean
  readonly encode = asciiJson
  private readonly table: DatabaseTable
  private swept = ''

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, database: Database) {
    this.table = new DatabaseTable(context, database)
    this.hasOneConnection = ONE_CONNECTION.includes(database.connector)
  }

  get(deadline: Deadline, key: string): Promise<string | undefined> {
    return this.table.get(deadline, key)
  }

  getAll(deadline: Deadline, keys: string[]): Promise<(string | undefined)[]> {
    return this.table.getAll(deadline, keys)
  }

  async compareAndSet(deadline: Deadline, key: string, expected: string | undefined, { text }: BackendValue, change?: EntryChange): Promise<WriteOutcome> {
    if (change !== undefined) await this.addEntry(deadline, change)
    const isWritten = await (expected === undefined ? this.table.insert(deadline, key, text) : this.table.replace(deadline, key, expected, text))
    return isWritten ? { before: expected } : { found: await this.table.get(deadline, key) }
  }

  async putTombstone(deadline: Deadline, key: string, tombstone: BackendValue, expected: string | undefined): Promise<WriteOutcome> {
    if (expected !== undefined) return this.compareAndSet(deadline, key, expected, tombstone)
    const before = await this.table.get(deadline, key)
    if (before === undefined && await this.table.insert(deadline, key, tombstone.text)) return { before }
    const isWritten = await this.table.putTombstone(deadline, key, tombstone.text)
    return isWritten ? { before } : { found: await this.table.get(deadline, key) }
  }

  async removeEntry(deadline: Deadline, handle: string, userId: string): Promise<void> {
    await this.table.remove(deadline, this.keys.userSession(userId, handle))
  }

  async page(deadline: Deadline, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const prefix = userId === undefined ? this.keys.prefix : `${this.keys.user(userId)}:`
    const rows = await this.table.page(deadline, prefix + (cursor ?? ''), prefix + AFTER_HANDLES, limit)
    const handles = rows.map(row => row.key.slice(prefix.length))
    return { handles: handles.filter(isHandle), cursor: rows.length < limit ? undefined : handles.at(-1) }
  }

  count(deadline: Deadline): Promise<number> {
    const { prefix } = this.keys
    return this.table.countRecords(deadline, prefix, prefix + AFTER_HANDLES, this.context.env.now())
  }

  async sweep(deadline: Deadline, limit: number, isRevoked?: (value: unknown) => boolean): Promise<SweptBatch> {
    const { prefix } = this.keys
    const rows = await this.table.page(deadline, prefix + this.swept, prefix + AFTER_ALL_KEYS, limit)
    this.swept = rows.length < limit ? '' : rows.at(-1)!.key.slice(prefix.length)
    const sweep = {
      keys: this.keys,
      now: this.context.env.now(),
      isRevoked,
      get: (key: string) => this.table.get(deadline, key),
      remove: (key: string, found?: unknown) => this.table.remove(deadline, key, found === undefined ? undefined : String(found)),
    }
    let removed = 0
    for (const { key, value } of rows) {
      if (await sweepEntry(sweep, key, value)) removed++
      deadline.renew()
    }
    return { removed, isLast: this.swept === '' }
  }

  private async addEntry(deadline: Deadline, { handle, next: { userId, expiresAt }, before }: EntryChange): Promise<void> {
    if (userId === undefined || userId === before?.userId) return
    await this.table.put(deadline, this.keys.userSession(userId, handle), `${expiresAt}`)
  }
}
