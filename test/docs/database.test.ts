import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSeal } from '../e2e/support/seals'
import { failToStart, testPassword, testServer } from '../e2e/support/server'
import { SqlServer } from '../store/support/sql-server'
import { environmentsOf } from './support/pages'
import { suiteServerPair } from './support/server-pair'
import { Visitor } from './support/visitor'

const PAGE = 'docs/recipes/database.md'
const TWENTY = Array.from({ length: 20 }, (_, at) => at)
const password = testPassword()

// The tests' MariaDB writes to the disk each second only: it needs an orderly end.
describe.each([
  { app: 'docs-database', scheme: 'postgresql', startStore: () => SqlServer.postgresql(), address: ({ port }: SqlServer) => `test@127.0.0.1:${port}/postgres`, ended: 'SIGKILL' },
  { app: 'docs-mysql', scheme: 'mysql', startStore: () => SqlServer.mariadb(), address: ({ port }: SqlServer) => `root@127.0.0.1:${port}/mysql`, ended: 'SIGTERM' },
] as const)('sessions in a database server, $scheme', ({ ended, ...options }) => {
  const pair = suiteServerPair({ ...options, page: PAGE, password, variable: 'NUXT_DATABASE_URL' })

  it('keep what two servers count at once, and only the sealed id is in the cookie', async () => {
    const visitor = new Visitor(pair.server)
    const first = await visitor.request('/api/visits')
    expect(await openSeal(first.setCookies[0]!.value, password)).toEqual({ id: expect.any(String), name: 'h3', sealedAt: expect.any(Number) })
    const cookie = visitor.cookieHeader
    const visits = TWENTY.map(at => new Visitor(at % 2 ? pair.server : pair.second).request('/api/visits', { headers: { cookie } }))
    expect((await Promise.all(visits)).map(({ status }) => status)).toEqual(TWENTY.map(() => 200))
    expect((await visitor.request('/api/visits')).body).toBe(22)
  })

  it('need an address when the server starts', async () => {
    const { code, output } = await failToStart(options.app, { NUXT_SESSION_PASSWORD: password })
    expect(code).toBe(1)
    expect(output).toContain('Set NUXT_DATABASE_URL.')
  })

  it('come back with the database, and until then the other routes answer', async () => {
    const visitor = new Visitor(pair.server)
    await visitor.request('/api/visits')
    await pair.store.kill(ended)
    expect((await visitor.request('/api/visits')).status).toBe(503)
    expect((await visitor.request('/')).status).toBe(200)
    await pair.store.start()
    expect((await visitor.request('/api/visits')).body).toBe(2)
    expect(pair.server.log).not.toContain('one connection')
  })
})

describe('sessions in SQLite', () => {
  it('are in the file that the page\'s command names, lose no update, and survive a restart', async () => {
    const command = environmentsOf(PAGE).find(env => env.NUXT_DATABASE_FILE)
    const directory = mkdtempSync(join(tmpdir(), 'sessions-sqlite-'))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
    // The directory below is created too.
    const file = join(directory, command!.NUXT_DATABASE_FILE!)
    const server = await testServer('docs-sqlite', { ...command, NUXT_SESSION_PASSWORD: password, NUXT_DATABASE_FILE: file })

    const visitor = new Visitor(server)
    const first = await visitor.request('/api/visits')
    expect(await openSeal(first.setCookies[0]!.value, password)).toEqual({ id: expect.any(String), name: 'h3', sealedAt: expect.any(Number) })
    expect(existsSync(file)).toBe(true)
    const { cookieHeader: cookie } = visitor
    await Promise.all(TWENTY.map(() => new Visitor(server).request('/api/visits', { headers: { cookie } })))
    await server.stop()
    await server.start()
    expect((await visitor.request('/api/visits')).body).toBe(22)
  })
})
