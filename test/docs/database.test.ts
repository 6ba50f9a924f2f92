import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSeal } from '../e2e/support/seals'
import { Server, failToStart, testPassword } from '../e2e/support/server'
import { SqlServer } from '../store/support/sql-server'
import { environmentsOf } from './support/pages'
import { Visitor } from './support/visitor'

const password = testPassword()
let database: SqlServer
let server: Server
let second: Server

/** The environment of the page, with a password and a database of this test. */
function environment(): Record<string, string> {
  const [env] = environmentsOf('docs/recipes/database.md')
  return { ...env, NUXT_SESSION_PASSWORD: password, NUXT_DATABASE_URL: env!.NUXT_DATABASE_URL!.replace(/\/\/.*/, `//test@127.0.0.1:${database.port}/postgres`) }
}

beforeAll(async () => {
  database = await SqlServer.postgresql()
  server = new Server('docs-database', environment())
  second = new Server('docs-database', environment())
  await server.start()
  await second.start()
})

afterAll(async () => {
  // The database first: whatever the others say, no process is left.
  await database.stop()
  await server.stop()
  await second.stop()
})

describe('sessions in your database', () => {
  it('keep what two servers count at once, and only the sealed id is in the cookie', async () => {
    const visitor = new Visitor(server)
    const first = await visitor.request('/api/visits')
    expect(await openSeal(first.setCookies[0]!.value, password)).toEqual({ id: expect.any(String), name: 'h3' })
    const cookie = visitor.cookieHeader
    const visits = Array.from({ length: 20 }, (_, at) => new Visitor(at % 2 ? server : second).request('/api/visits', { headers: { cookie } }))
    expect((await Promise.all(visits)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect((await visitor.request('/api/visits')).body).toBe(22)
  })

  it('need an address when the server starts', async () => {
    const { code, output } = await failToStart('docs-database', { NUXT_SESSION_PASSWORD: password })
    expect(code).toBe(1)
    expect(output).toContain('Set NUXT_DATABASE_URL.')
  })

  it('end a server that lost them, and are there for the next', async () => {
    const visitor = new Visitor(server)
    await visitor.request('/api/visits')
    await database.kill()
    await expect.poll(() => visitor.request('/api/visits').then(() => 'answers', () => 'is gone'), { timeout: 10_000 }).toBe('is gone')
    await database.start()
    await server.start()
    expect((await visitor.request('/api/visits')).body).toBe(2)
    expect(server.log).not.toContain(password)
  })
})
