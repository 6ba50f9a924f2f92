import { createDatabase } from 'db0'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createSessionStore } from '../../src/runtime/core/store/create-store'
import type { SessionStore } from '../../src/runtime/core/store/store'
import { mysqlPool, postgresqlPool } from '../../src/runtime/db0'
import { CuttingProxy } from './support/cutting-proxy'
import { createMysqlPool, createPostgresqlPool } from './support/driver'
import { nodeEnvironment } from './support/node-environment'
import { Opened } from './support/opened'
import { recordAt } from './support/scenarios'
import { SqlServer } from './support/sql-server'

const CONNECTIONS = 2
const TIMEOUT = 1000

const opened = new Opened()
afterAll(() => opened.close())

const unavailable = expect.objectContaining({ code: 'SESSION_STORE_UNAVAILABLE' })
const increment = (store: SessionStore, handle: string) =>
  store.update(handle, record => ({ ...record, data: { count: record.data.count + 1 } }))

const DATABASES = [
  // The tests' MariaDB writes to the disk each second only: it needs an orderly end.
  { name: 'PostgreSQL', driver: 'postgresql-pool', start: SqlServer.postgresql, end: 'SIGKILL', failure: 'Connection terminated', lock: lockPostgresql, connect: (port: number) => postgresqlPool(createPostgresqlPool({ port })) },
  { name: 'MariaDB', driver: 'mysql-pool', start: SqlServer.mariadb, end: 'SIGTERM', failure: 'PROTOCOL_CONNECTION_LOST', lock: lockMariadb, connect: (port: number) => mysqlPool(createMysqlPool({ port })) },
] as const

describe.each(DATABASES)('a pool of connections to $name', ({ driver, start, end, failure, lock, connect }) => {
  let server: SqlServer
  let proxy: CuttingProxy
  let store: SessionStore
  beforeAll(async () => {
    server = await start()
    opened.add(() => server.stop())
  })
  beforeEach(async () => {
    proxy = await CuttingProxy.start(server.port)
    opened.add(() => proxy.stop())
    const options = { driver, port: proxy.port, connections: CONNECTIONS, timeout: TIMEOUT }
    store = createSessionStore({ driver: opened.driver(options) }, nodeEnvironment, { timeout: TIMEOUT })
  })

  async function newSession(): Promise<string> {
    const handle = nodeEnvironment.hash(Math.random().toString())
    await store.create(handle, recordAt(Date.now(), { data: { count: 0 } }))
    return handle
  }

  it('has all that db0 offers', async () => {
    const database = createDatabase(connect(server.port))
    onTestFinished(() => database.dispose())
    await database.exec('CREATE TABLE words (word VARCHAR(20))')
    expect(await database.prepare('INSERT INTO words VALUES (?), (?)').run('one', 'two?')).toMatchObject({ success: true })
    const statement = database.prepare('SELECT word, \'it\'\'s ?\' AS quoted FROM words WHERE word = ?')
    expect(await statement.get('two?')).toEqual({ word: 'two?', quoted: 'it\'s ?' })
    expect(await statement.bind('two?').bind('one').all()).toEqual([{ word: 'one', quoted: 'it\'s ?' }])
    expect(await database.sql`SELECT word FROM words WHERE word <> ${'one'}`).toMatchObject({ rows: [{ word: 'two?' }] })
    await expect(database.exec('SELECT nothing')).rejects.toThrow('nothing')
  })

  it('works again when the database was away', async () => {
    const handle = await newSession()
    await Promise.all(Array.from({ length: 2 * CONNECTIONS }, newSession))
    await server.kill(end)
    await expect(store.get(handle)).rejects.toEqual(unavailable)
    await expect(increment(store, handle)).rejects.toEqual(unavailable)
    await server.start()
    await increment(store, handle)
    expect(await store.get(handle)).toHaveProperty('record.data', { count: 1 })
  })

  it('names the failure of a connection that was cut', async () => {
    const handle = await newSession()
    proxy.isCut = request => request.includes(handle)
    await expect(store.get(handle)).rejects.toThrow(`failed (${failure})`)
  })

  it('serves other sessions while a row is locked', async () => {
    const [locked, other] = [await newSession(), await newSession()]
    const unlock = await lock(server.port, locked)
    // More often than there are connections.
    for (let round = 1; round <= 2 * CONNECTIONS; round++) {
      const refused = Promise.all([1, 2, 3].map(() => expect(increment(store, locked)).rejects.toEqual(unavailable)))
      await increment(store, other)
      await refused
      expect(await store.get(other)).toHaveProperty('record.data', { count: round })
    }
    await unlock()
    expect(await increment(store, locked)).toHaveProperty('record.data.count')
  })

  it('serves other sessions while connections are silent', async () => {
    const [silent, other] = [await newSession(), await newSession()]
    proxy.isSilent = request => request.includes(silent)
    for (let round = 1; round <= 2 * CONNECTIONS; round++) {
      const refused = expect(store.get(silent)).rejects.toEqual(unavailable)
      await increment(store, other)
      await refused
    }
    proxy.isSilent = () => false
    await increment(store, silent)
    expect(await store.get(other)).toHaveProperty('record.data', { count: 2 * CONNECTIONS })
  })
})

// pg's pool has rules of its own: it never passes on a connection that comes too late, and closes one after any error.
describe('a connection of mysqlPool', () => {
  let server: SqlServer
  beforeAll(async () => {
    server = await SqlServer.mariadb()
    opened.add(() => server.stop())
  })

  /** A pool of one connection. */
  function connectOne() {
    const pool = createMysqlPool({ port: server.port, connections: 1 })
    const database = createDatabase(mysqlPool(pool, { timeout: TIMEOUT }))
    onTestFinished(() => database.dispose())
    const currentId = async () => (await database.prepare('SELECT CONNECTION_ID() AS id').get() as { id: number }).id
    return { pool, database, currentId }
  }

  it('runs nothing if it comes too late, and stays open', async () => {
    const { pool, database, currentId } = connectOne()
    const id = await currentId()
    const held = await pool.getConnection()
    const late = database.exec('CREATE TABLE late (word VARCHAR(20))')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + TIMEOUT + 1 })
    onTestFinished(() => void vi.useRealTimers())
    held.release()
    await expect(late).rejects.toThrow('No connection was free in time.')
    expect(await currentId()).toBe(id)
    await expect(database.exec('SELECT * FROM late')).rejects.toThrow('exist')
  })

  it('stays open after an error of the statement, such as a deadlock', async () => {
    const { pool, database, currentId } = connectOne()
    const id = await currentId()
    await expect(database.exec('SELECT nothing')).rejects.toThrow('nothing')
    expect(await currentId()).toBe(id)
    await database.exec('CREATE TABLE pairs (id INT PRIMARY KEY, count INT) ENGINE=InnoDB')
    await database.exec('INSERT INTO pairs VALUES (1, 0), (2, 0), (3, 0)')
    const others = createMysqlPool({ port: server.port, connections: 1 })
    onTestFinished(() => others.end())
    const [own, other] = [await pool.getConnection(), await others.getConnection()]
    for (const connection of [own, other]) await connection.query('BEGIN')
    await own.query('UPDATE pairs SET count = 1 WHERE id = 1')
    // The server ends the transaction that has changed less.
    await other.query('UPDATE pairs SET count = 1 WHERE id > 1')
    own.release()
    const refused = expect(database.exec('UPDATE pairs SET count = 1 WHERE id = 2')).rejects.toThrow('Deadlock')
    await other.query('UPDATE pairs SET count = 1 WHERE id = 1')
    await refused
    expect(await currentId()).toBe(id)
  })

  it('is replaced after an error of the server, such as that it is read-only', async () => {
    const { database, currentId } = connectOne()
    const id = await currentId()
    await database.exec('CREATE TABLE words (word VARCHAR(20))')
    await database.exec('SET SESSION TRANSACTION READ ONLY')
    await expect(database.exec('INSERT INTO words VALUES (1)')).rejects.toThrow('READ ONLY')
    expect(await currentId()).not.toBe(id)
    await database.exec('INSERT INTO words VALUES (1)')
  })
})

/** Locks a session in a transaction of another connection. Returns what ends it. */
async function lockPostgresql(port: number, handle: string): Promise<() => Promise<unknown>> {
  const pool = createPostgresqlPool({ port })
  onTestFinished(() => pool.end())
  const { rows: [row] } = await pool.query('SELECT key FROM unstorage WHERE key LIKE $1', [`%${handle}`])
  const client = await pool.connect()
  await client.query('BEGIN')
  await client.query('SELECT value FROM unstorage WHERE key = $1 FOR UPDATE', [row.key])
  return async () => {
    await client.query('ROLLBACK')
    client.release()
  }
}

async function lockMariadb(port: number, handle: string): Promise<() => Promise<unknown>> {
  const pool = createMysqlPool({ port })
  onTestFinished(() => pool.end())
  const [[row]] = await pool.query('SELECT `key` FROM unstorage WHERE `key` LIKE ?', [`%${handle}`]) as unknown as [[{ key: string }]]
  const connection = await pool.getConnection()
  await connection.query('BEGIN')
  await connection.query('SELECT value FROM unstorage WHERE `key` = ? FOR UPDATE', [row.key])
  return async () => {
    await connection.query('ROLLBACK')
    connection.release()
  }
}
