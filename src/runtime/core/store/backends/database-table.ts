import type { StoreContext } from '../context'
import type { Operation } from '../deadline'
import { RECORD_HEAD, RECORD_MIDDLE, TIME_WIDTH, TOMBSTONE_HEAD, fixedTime } from '../record'

/** The part of a db0 database that the store uses. */
export interface Database {
  readonly dialect: string
  prepare: (sql: string) => {
    all: (...values: SqlValue[]) => Promise<unknown[]>
    run: (...values: SqlValue[]) => Promise<object>
  }
}

export interface Row {
  key: string
  value: string
}

/** Keys above `after`, and below `below` where that is given. */
export interface KeyRange {
  after: string
  below?: string
}

type SqlValue = string | number

const MAX_PAUSE = 20
const EXPIRES_AT = RECORD_HEAD.length + TIME_WIDTH + RECORD_MIDDLE.length + 1

/** The table of unstorage's db0 driver: its columns `key` and `value`, changed by single statements on a row. */
export class DatabaseTable {
  readonly #isMysql: boolean
  readonly #name: string
  readonly #key: string
  /** A column's text as it is, where the database would compare without regard to case. */
  readonly #value: string
  #isThere = false

  constructor(private readonly context: StoreContext, private readonly database: Database) {
    const { tableName } = (context.driver.options ?? {}) as { tableName?: string }
    this.#name = tableName || 'unstorage'
    this.#isMysql = database.dialect === 'mysql'
    this.#key = this.#isMysql ? '`key`' : 'key'
    this.#value = this.#isMysql ? 'CAST(value AS BINARY)' : 'value'
  }

  async get(operation: Operation, key: string): Promise<string | undefined> {
    const [row] = await this.#select(operation, `WHERE ${this.#key} = ?`, [key])
    return row?.value
  }

  page(operation: Operation, range: KeyRange, limit: number): Promise<Row[]> {
    const [where, values] = this.#within(range)
    return this.#select(operation, `${where} ORDER BY ${this.#key} LIMIT ${Math.trunc(limit)}`, values)
  }

  /** Records that end after `time`. */
  async countRecords(operation: Operation, range: KeyRange, time: number): Promise<number> {
    const [where, values] = this.#within(range)
    const isRecord = `SUBSTR(value, 1, ${RECORD_HEAD.length}) = ? AND SUBSTR(value, ${EXPIRES_AT}, ${TIME_WIDTH}) > ?`
    const sql = `SELECT COUNT(*) AS total FROM ${this.#name} ${where} AND ${isRecord}`
    const [row] = await this.#query(operation, sql, [...values, RECORD_HEAD, fixedTime(time)]) as { total: number | string }[]
    return Number(row?.total ?? 0)
  }

  /** Returns whether nothing lay there. */
  insert(operation: Operation, key: string, value: string): Promise<boolean> {
    const into = `INTO ${this.#name} (${this.#key}, value, created_at, updated_at) VALUES (?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)`
    return this.#write(operation, this.#isMysql ? `INSERT IGNORE ${into}` : `INSERT ${into} ON CONFLICT(key) DO NOTHING`, [key, value])
  }

  async put(operation: Operation, key: string, value: string): Promise<void> {
    if (await this.insert(operation, key, value)) return
    await this.#write(operation, this.#update(''), [value, key])
  }

  /** Returns whether exactly `expected` lay there. */
  replace(operation: Operation, key: string, expected: string, value: string): Promise<boolean> {
    return this.#write(operation, this.#update(`AND ${this.#value} = ?`), [value, key, expected])
  }

  /** Returns whether something lay there that is no tombstone. */
  bury(operation: Operation, key: string, tombstone: string): Promise<boolean> {
    const isAlive = `AND (value IS NULL OR SUBSTR(value, 1, ${TOMBSTONE_HEAD.length}) <> ?)`
    return this.#write(operation, this.#update(isAlive), [tombstone, key, TOMBSTONE_HEAD])
  }

  /** Only exactly `expected`, where it is given. */
  remove(operation: Operation, key: string, expected?: string): Promise<boolean> {
    const where = `WHERE ${this.#key} = ?${expected === undefined ? '' : ` AND ${this.#value} = ?`}`
    return this.#write(operation, `DELETE FROM ${this.#name} ${where}`, expected === undefined ? [key] : [key, expected])
  }

  #update(condition: string): string {
    return `UPDATE ${this.#name} SET value = ?, updated_at = CURRENT_TIMESTAMP WHERE ${this.#key} = ? ${condition}`
  }

  #within({ after, below }: KeyRange): [where: string, values: string[]] {
    const where = `WHERE ${this.#key} > ?`
    return below === undefined ? [where, [after]] : [`${where} AND ${this.#key} < ?`, [after, below]]
  }

  #select(operation: Operation, rest: string, values: SqlValue[]): Promise<Row[]> {
    return this.#query(operation, `SELECT ${this.#key}, value FROM ${this.#name} ${rest}`, values) as Promise<Row[]>
  }

  #query(operation: Operation, sql: string, values: SqlValue[]): Promise<unknown[]> {
    return this.#patiently(operation, () => this.database.prepare(sql).all(...values))
  }

  /** Returns whether a row was written. */
  async #write(operation: Operation, sql: string, values: SqlValue[]): Promise<boolean> {
    if (!this.#isMysql) return (await this.#query(operation, `${sql} RETURNING ${this.#key}`, values)).length > 0
    const result = await this.#patiently(operation, () => this.database.prepare(sql).run(...values)) as { affectedRows?: number, rowsAffected?: number }
    return (result.affectedRows ?? result.rowsAffected ?? 0) > 0
  }

  /** SQLite answers at once that another process writes. Asking again beats a wait that would block this one. */
  async #patiently<T>(operation: Operation, run: () => Promise<T>): Promise<T> {
    for (;;) {
      const answer = await operation.call(() => this.#attempt(run))
      if (answer !== 'busy') return answer.result
      await operation.wait(1 + this.context.env.random() * MAX_PAUSE)
    }
  }

  async #attempt<T>(run: () => Promise<T>): Promise<'busy' | { result: T }> {
    try {
      if (!this.#isThere) await this.#make()
      return { result: await run() }
    }
    catch (error) {
      if (error instanceof Error && /\bdatabase (?:table )?is locked\b|SQLITE_BUSY/.test(error.message)) return 'busy'
      // It may be gone.
      this.#isThere = false
      throw error
    }
  }

  /** As the driver makes it. The driver tries once only, and never again after a failure. */
  async #make(): Promise<void> {
    try {
      await this.database.prepare(`CREATE TABLE IF NOT EXISTS ${this.#name} ${columnsOf(this.database.dialect)}`).run()
    }
    catch (error) {
      if (!isMadeMeanwhile(error)) throw error
    }
    this.#isThere = true
  }
}

// unique_violation, duplicate_object and duplicate_table.
const DUPLICATES = ['23505', '42710', '42P07']

/** PostgreSQL looks whether there is such a table, and not again when it makes one. */
function isMadeMeanwhile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DUPLICATES.includes(error.code as string)
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
