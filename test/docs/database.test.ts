import { describe, expect, it } from 'vitest'
import { openSeal } from '../e2e/support/seals'
import { failToStart, testPassword } from '../e2e/support/server'
import { SqlServer } from '../store/support/sql-server'
import { suiteServerPair } from './support/server-pair'
import { Visitor } from './support/visitor'

const password = testPassword()
const pair = suiteServerPair({
  app: 'docs-database',
  page: 'docs/recipes/database.md',
  password,
  startStore: () => SqlServer.postgresql(),
  variable: 'NUXT_DATABASE_URL',
  address: ({ port }) => `test@127.0.0.1:${port}/postgres`,
})

describe('sessions in your database', () => {
  it('lose no increment of two servers, and only the sealed id is in the cookie', async () => {
    const visitor = new Visitor(pair.server)
    const first = await visitor.request('/api/visits')
    expect(await openSeal(first.setCookies[0]!.value, password)).toEqual({ id: expect.any(String), name: 'h3', sealedAt: expect.any(Number) })
    const cookie = visitor.cookieHeader
    const visits = Array.from({ length: 20 }, (_, at) => new Visitor(at % 2 ? pair.server : pair.second).request('/api/visits', { headers: { cookie } }))
    expect((await Promise.all(visits)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect((await visitor.request('/api/visits')).body).toBe(22)
  })

  it('need an address when the server starts', async () => {
    const { code, output } = await failToStart('docs-database', { NUXT_SESSION_PASSWORD: password })
    expect(code).toBe(1)
    expect(output).toContain('Set NUXT_DATABASE_URL.')
  })

  it('are kept when the server loses the database, ends and starts again', async () => {
    const visitor = new Visitor(pair.server)
    await visitor.request('/api/visits')
    await pair.store.kill()
    await expect.poll(() => visitor.request('/api/visits').then(() => 'answers', () => 'is gone'), { timeout: 10_000 }).toBe('is gone')
    await pair.store.start()
    await pair.server.start()
    expect((await visitor.request('/api/visits')).body).toBe(2)
    expect(pair.server.log).not.toContain(password)
  })
})
