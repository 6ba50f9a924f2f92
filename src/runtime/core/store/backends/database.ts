import type { Burial, Cells, CellValue } from '../backend'
import { CellStore } from '../record-store'
import { DatabaseTable } from './database-table'
import type { Database } from './database-table'
import type { StoreContext } from '../context'
import type { StoreKeys } from '../keys'
import type { Operation } from '../deadline'
import { asciiJson, decode, isDead } from '../record'
import { isNewlyBound } from '../session-index'
import type { HandlePage, SessionIndex } from '../session-index'
import type { SessionRecord } from '../store'
import { sweepEntry } from './sweep-entry'
import type { Removals } from './sweep-entry'

// Behind every handle, and before nothing else of ours, in the order of any collation.
const BEHIND_HANDLES = 'g'
const BEHIND_ALL = 'v'

/** A store in the table of unstorage's db0 driver. A session is a row, and so is each session of a user. */
export function createDatabaseStore(context: StoreContext, keys: StoreKeys, database: Database): CellStore {
  const table = new DatabaseTable(context, database)
  return new CellStore({ context, keys, cells: new DatabaseCells(table), index: new DatabaseIndex(context, keys, table) })
}

class DatabaseCells implements Cells {
  readonly atomicity = 'store'
  readonly encode = asciiJson

  constructor(private readonly table: DatabaseTable) {}

  get(operation: Operation, key: string): Promise<string | undefined> {
    return this.table.get(operation, key)
  }

  swap(operation: Operation, key: string, expected: string | undefined, { text }: CellValue): Promise<boolean> {
    return expected === undefined ? this.table.insert(operation, key, text) : this.table.replace(operation, key, expected, text)
  }

  async bury(operation: Operation, key: string, { text }: CellValue, expected: string | undefined): Promise<Burial> {
    if (expected !== undefined) {
      if (await this.table.replace(operation, key, expected, text)) return { before: expected }
      return isDead(decode(await this.table.get(operation, key))) ? 'dead' : 'changed'
    }
    const before = await this.table.get(operation, key)
    if (before === undefined && await this.table.insert(operation, key, text)) return { before }
    return await this.table.bury(operation, key, text) ? { before } : 'dead'
  }
}

class DatabaseIndex implements SessionIndex, Removals {
  private swept = ''

  constructor(private readonly context: StoreContext, private readonly keys: StoreKeys, private readonly table: DatabaseTable) {}

  async enter(operation: Operation, handle: string, next: SessionRecord, before?: SessionRecord): Promise<void> {
    if (isNewlyBound(next, before)) await this.table.put(operation, this.keys.userSession(next.userId!, handle), `${next.expiresAt}`)
  }

  async leaveUser(operation: Operation, handle: string, userId: string): Promise<void> {
    await this.table.remove(operation, this.keys.userSession(userId, handle))
  }

  async leave(operation: Operation, handle: string, userId: string | undefined): Promise<void> {
    if (userId !== undefined) await this.leaveUser(operation, handle, userId)
  }

  async page(operation: Operation, userId: string | undefined, cursor: string | undefined, limit: number): Promise<HandlePage> {
    const prefix = userId === undefined ? this.keys.prefix : `${this.keys.user(userId)}:`
    const rows = await this.table.page(operation, { after: prefix + (cursor ?? ''), below: prefix + BEHIND_HANDLES }, limit)
    const handles = rows.map(row => row.key.slice(prefix.length))
    return {
      handles: handles.filter(handle => this.keys.read(this.keys.session(handle)) !== undefined),
      cursor: rows.length < limit ? undefined : handles.at(-1),
    }
  }

  count(operation: Operation): Promise<number> {
    const { prefix } = this.keys
    return this.table.countRecords(operation, { after: prefix, below: prefix + BEHIND_HANDLES }, this.context.env.now())
  }

  async sweep(operation: Operation, limit: number): Promise<void> {
    const { prefix } = this.keys
    const rows = await this.table.page(operation, { after: prefix + this.swept, below: prefix + BEHIND_ALL }, limit)
    this.swept = rows.length < limit ? '' : rows.at(-1)!.key.slice(prefix.length)
    const sweeping = { operation, keys: this.keys, now: this.context.env.now(), removals: this }
    for (const { key, value } of rows) await sweepEntry(sweeping, key, value)
  }

  async read(operation: Operation, key: string): Promise<unknown> {
    return this.table.get(operation, key)
  }

  remove(operation: Operation, key: string, found: unknown): Promise<unknown> {
    return this.table.remove(operation, key, String(found))
  }
}
