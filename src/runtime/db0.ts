// `nuxt-h3-session/db0`: connectors of db0 with a pool of connections. db0's own have one connection, which never comes
// back, and for which all requests wait.

type Value = string | number | boolean | null | undefined

interface BoundStatement {
  bind: (...values: Value[]) => BoundStatement
  all: () => Promise<unknown[]>
  run: () => Promise<{ success: boolean }>
  get: () => Promise<unknown>
}

interface Statement extends Pick<BoundStatement, 'bind'> {
  all: (...values: Value[]) => Promise<unknown[]>
  run: (...values: Value[]) => Promise<{ success: boolean }>
  get: (...values: Value[]) => Promise<unknown>
}

/** A connector for db0's `createDatabase()`. */
export interface PoolConnector<Dialect extends string, Pool> {
  name: string
  dialect: Dialect
  getInstance: () => Pool
  exec: (sql: string) => Promise<unknown>
  prepare: (sql: string) => Statement
  /** Ends the pool. */
  dispose: () => Promise<void>
}

export interface PoolConnectorOptions {
  /**
   * How many milliseconds the database has for one statement. Then its connection is closed, because it may be silent.
   * @default 2000
   */
  timeout?: number
}

/** The part of `pg.Pool` that is used. */
export interface PostgresqlPool {
  query: (query: { text: string, values: Value[], query_timeout: number }) => Promise<{ rows: unknown[] }>
  on: (event: 'error', listener: (error: Error) => void) => unknown
  end: () => Promise<void>
}

/** The part of a pool of `mysql2/promise` that is used. */
export interface MysqlPool {
  getConnection: () => Promise<{
    query: (query: { sql: string, values: Value[], timeout: number }) => Promise<unknown[]>
    release: () => void
    destroy: () => void
  }>
  end: () => Promise<void>
}

interface Result {
  rows: unknown[]
  /** What `run` returns besides `success`. */
  info: object
}

const DEFAULT_TIMEOUT = 2000

/** PostgreSQL over a `Pool` of `pg`, which the app may use elsewhere too. */
export function postgresqlPool<Pool extends PostgresqlPool>(pool: Pool, { timeout = DEFAULT_TIMEOUT }: PoolConnectorOptions = {}): PoolConnector<'postgresql', Pool> {
  // A lost idle connection would end the process. The pool has removed it, and opens another one when it is needed.
  pool.on('error', () => undefined)
  return connectorOf('postgresql', pool, async (sql, values) => {
    // On any error, pg's pool closes the connection.
    const info = await pool.query({ text: numbered(sql), values, query_timeout: timeout })
    return { rows: info.rows, info }
  })
}

/** MySQL or MariaDB over a pool of `mysql2/promise`, which the app may use elsewhere too. */
export function mysqlPool<Pool extends MysqlPool>(pool: Pool, { timeout = DEFAULT_TIMEOUT }: PoolConnectorOptions = {}): PoolConnector<'mysql', Pool> {
  return connectorOf('mysql', pool, async (sql, values) => {
    const askedAt = Date.now()
    const connection = await pool.getConnection()
    // The caller has given up by now. mysql2 has no such timeout of its own.
    if (Date.now() - askedAt > timeout) {
      connection.release()
      throw new Error('No connection was free in time.')
    }
    try {
      const [result] = await connection.query({ sql, values, timeout })
      connection.release()
      return Array.isArray(result) ? { rows: result, info: {} } : { rows: [], info: result as object }
    }
    catch (error) {
      // After a timeout, mysql2 would keep the connection until the answer comes.
      if (isFaultOfStatement(error)) connection.release()
      else connection.destroy()
      throw error
    }
  })
}

/**
 * Whether the server refused only this statement: by its data, a key, a deadlock or its syntax (SQLSTATE classes 22, 23,
 * 40 and 42). After other errors, such as that the server became read-only, another connection may reach another server.
 */
function isFaultOfStatement(error: unknown): boolean {
  return /^(?:2[23]|4[02])/.test(String((error as { sqlState?: unknown }).sqlState))
}

function connectorOf<Dialect extends string, Pool extends { end: () => Promise<void> }>(
  dialect: Dialect, pool: Pool, query: (sql: string, values: Value[]) => Promise<Result>,
): PoolConnector<Dialect, Pool> {
  return {
    name: `${dialect}-pool`,
    dialect,
    getInstance: () => pool,
    exec: sql => query(sql, []),
    prepare: sql => statementOf(values => query(sql, values)),
    dispose: () => pool.end(),
  }
}

function statementOf(query: (values: Value[]) => Promise<Result>): Statement {
  return {
    bind: (...values) => boundTo(values, query),
    all: async (...values) => (await query(values)).rows,
    run: async (...values) => ({ success: true, ...(await query(values)).info }),
    get: async (...values) => (await query(values)).rows[0],
  }
}

function boundTo(values: Value[], query: (values: Value[]) => Promise<Result>): BoundStatement {
  const { all, run, get } = statementOf(query)
  return { bind: (...others) => boundTo(others, query), all: () => all(...values), run: () => run(...values), get: () => get(...values) }
}

/** Replaces each `?` outside quotes by `$1`, `$2`, … */
function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"|\?/g, text => text === '?' ? `$${++count}` : text)
}
