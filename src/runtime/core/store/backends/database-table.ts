import type { StoreContext } from '../context'
import type { Deadline } from '../deadline'
import { RECORD_HEAD, RECORD_MIDDLE, TIME_WIDTH, TOMBSTONE_HEAD, fixedTime } from '../record'

export interface Database {
  /** The name of its connector. */
  readonly connector?: unknown
  readonly dialect: string
  prepare: (sql: string) => {
    all: (...values: string[]) => Promise<unknown[]>
    run: (...values: string[]) => Promise<object>
  }
}

interface Row { key: string, value: string }

const MAX_RETRY_DELAY = 20
// D1 accepts no more in a query.
const MAX_VALUES = 100
// In PostgreSQL, `IF NOT EXISTS` fails with one of these if another connection creates the table at the same time:
// unique_violation, duplicate_object and duplicate_table.
const DUPLICATES: unknown[] = ['23505', '42710', '42P07']
const EXPIRES_AT = RECORD_HEAD.length + TIME_WIDTH + RECORD_MIDDLE.length + 1

/** The `key` and `value` columns of unstorage's db0 table; each change is one statement on one row. */
export class DatabaseTable {
  readonly #isMysql: boolean
  readonly #name: string
  readonly #key: string
  /** The `value` column in a form that compares case-sensitively. */
  readonly #value: string
  #isCreated = false

  constructor(private readonly context: StoreContext, private readonly database: Database) {
    const { tableName } = (context.driver.options ?? {}) as { tableName?: string }
    this.#name = tableName || 'unstorage'
    this.#isMysql = database.dialect === 'mysql'
    this.#key = this.#isMysql ? '`key`' : 'key'
    this.#value = this.#isMysql ? 'CAST(value AS BINARY)' : 'value'
  }

  async get(deadline: Deadline, key: string): Promise<string | undefined> {
    const [row] = await this.#query(deadline, `SELECT value FROM ${this.#name} WHERE ${this.#key} = ?`, [key]) as Row[]
    return row?.value
  }

  async getAll(deadline: Deadline, keys: string[]): Promise<(string | undefined)[]> {
    const parts = Array.from({ length: Math.ceil(keys.length / MAX_VALUES) }, (_part, at) => keys.slice(at * MAX_VALUES, (at + 1) * MAX_VALUES))
    const rows = await Promise.all(parts.map((part) => {
      const sql = `SELECT ${this.#key}, value FROM ${this.#name} WHERE ${this.#key} IN (${part.map(() => '?').join(', ')})`
      return this.#query(deadline, sql, part) as Promise<Row[]>
    }))
    const values = new Map(rows.flat().map(({ key, value }) => [key, value]))
    return keys.map(key => values.get(key))
  }

  /** Returns the rows with keys above `after` and below `below`. */
  page(deadline: Deadline, after: string, below: string, limit: number): Promise<Row[]> {
    const sql = `SELECT ${this.#key}, value ${this.#fromRange()} ORDER BY ${this.#key} LIMIT ${Math.trunc(limit)}`
    return this.#query(deadline, sql, [after, below]) as Promise<Row[]>
  }

  /** Counts the records of such rows that expire after `time`. */
  async countRecords(deadline: Deadline, after: string, below: string, time: number): Promise<number> {
    const isRecord = `SUBSTR(value, 1, ${RECORD_HEAD.length}) = ? AND SUBSTR(value, ${EXPIRES_AT}, ${TIME_WIDTH}) > ?`
    const sql = `SELECT COUNT(*) AS total ${this.#fromRange()} AND ${isRecord}`
    const [row] = await this.#query(deadline, sql, [after, below, RECORD_HEAD, fixedTime(time)]) as { total: number | string }[]
    return Number(row?.total ?? 0)
  }

  /** Returns `false` if the key exists. */
  insert(deadline: Deadline, key: string, value: string): Promise<boolean> {
    const into = `INTO ${this.#name} (${this.#key}, value, created_at, updated_at) VALUES (?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`
    return this.#write(deadline, this.#isMysql ? `INSERT IGNORE ${into}` : `INSERT ${into} ON CONFLICT(key) DO NOTHING`, [key, value])
  }

  async put(deadline: Deadline, key: string, value: string): Promise<void> {
    if (await this.insert(deadline, key, value)) return
    await this.#update(deadline, '', [value, key])
  }

  /** Returns whether the value was exactly `expected`. */
  replace(deadline: Deadline, key: string, expected: string, value: string): Promise<boolean> {
    return this.#update(deadline, `AND ${this.#value} = ?`, [value, key, expected])
  }

  /** Returns whether there was a value other than a tombstone. */
  putTombstone(deadline: Deadline, key: string, tombstone: string): Promise<boolean> {
    const isNoTombstone = `AND (value IS NULL OR SUBSTR(value, 1, ${TOMBSTONE_HEAD.length}) <> ?)`
    return this.#update(deadline, isNoTombstone, [tombstone, key, TOMBSTONE_HEAD])
  }

  /** If `expected` is given, removes only exactly this value. */
  remove(deadline: Deadline, key: string, expected?: string): Promise<boolean> {
    const where = `WHERE ${this.#key} = ?${expected === undefined ? '' : ` AND ${this.#value} = ?`}`
    return this.#write(deadline, `DELETE FROM ${this.#name} ${where}`, expected === undefined ? [key] : [key, expected])
  }

  #update(deadline: Deadline, condition: string, values: string[]): Promise<boolean> {
    const update = `UPDATE ${this.#name} SET value = ?, updated_at = CURRENT_TIMESTAMP`
    return this.#write(deadline, `${update} WHERE ${this.#key} = ? ${condition}`, values)
  }

  #fromRange(): string {
    return `FROM ${this.#name} WHERE ${this.#key} > ? AND ${this.#key} < ?`
  }

  #query(deadline: Deadline, sql: string, values: string[]): Promise<unknown[]> {
    return this.#retryWhileBusy(deadline, () => this.database.prepare(sql).all(...values))
  }

  /** Returns whether a row was written. */
  async #write(deadline: Deadline, sql: string, values: string[]): Promise<boolean> {
    if (!this.#isMysql) return (await this.#query(deadline, `${sql} RETURNING ${this.#key}`, values)).length > 0
    const result = await this.#retryWhileBusy(deadline, () => this.database.prepare(sql).run(...values)) as { affectedRows?: number, rowsAffected?: number }
    return (result.affectedRows ?? result.rowsAffected ?? 0) > 0
  }

  /** SQLite fails at once if another process writes. Its own busy timeout would block this process. */
  async #retryWhileBusy<T>(deadline: Deadline, run: () => Promise<T>): Promise<T> {
    for (;;) {
      const answer = await deadline.call(() => this.#attempt(run))
      if (answer !== 'busy') return answer.result
      await deadline.wait(1 + this.context.env.random() * MAX_RETRY_DELAY)
    }
  }

  async #attempt<T>(run: () => Promise<T>): Promise<'busy' | { result: T }> {
    try {
      if (!this.#isCreated) await this.#createTable()
      return { result: await run() }
    }
    catch (error) {
      if (error instanceof Error && /\bdatabase (?:table )?is locked\b|SQLITE_BUSY/.test(error.message)) return 'busy'
      // The table may have been dropped.
      this.#isCreated = false
      throw error
    }
  }

  /** Creates the table as the driver does, which tries only once. */
  async #createTable(): Promise<void> {
    try {
      await this.database.prepare(`CREATE TABLE IF NOT EXISTS ${this.#name} ${columnsOf(this.database.dialect)}`).run()
    }
    catch (error) {
      if (!DUPLICATES.includes((error as { code?: unknown } | undefined)?.code)) throw error
    }
    this.#isCreated = true
  }
}

function columnsOf(dialect: string): string {
  if (dialect === 'mysql') return '(`key` VARCHAR(255) NOT NULL PRIMARY KEY, `value` LONGTEXT, `blob` BLOB, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)'
  if (dialect === 'postgresql') return '(key VARCHAR(255) NOT NULL PRIMARY KEY, value TEXT, blob BYTEA, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)'
  return '(key TEXT PRIMARY KEY, value TEXT, blob BLOB, created_at TEXT DEFAULT CURRENT_TIMESTAMP, updated_at TEXT DEFAULT CURRENT_TIMESTAMP)'
}

export function isDatabase(instance: unknown): instance is Database {
  const { prepare, dialect } = (instance ?? {}) as Partial<Database>
  return typeof prepare === 'function' && typeof dialect === 'string'
}
