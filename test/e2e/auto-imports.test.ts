import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { visit } from './support/browser'
import { buildApp } from './support/build'
import type { BuiltApp } from './support/build'
import { suiteServer, testPassword } from './support/server'

const FUNCTIONS = ['useSession', 'updateSession', 'clearSession', 'sealSession', 'unsealSession', 'regenerateSession', 'requireSession']

describe('auto-imports of a Nuxt app', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD: testPassword() })
  let app: BuiltApp
  let types: string
  beforeAll(async () => {
    app = await buildApp('main')
    types = await readFile(join(app.buildDir, 'types/nitro-imports.d.ts'), 'utf8')
  })

  it('replace h3\'s with no warning of duplicated imports', () => {
    expect(app.log).toContain('Build complete')
    expect(app.log).not.toMatch(/duplicated imports/i)
  })

  it.each(FUNCTIONS)('the types of .nuxt have this module\'s %s', (name) => {
    const declarations = types.split('\n').filter(line => line.includes(`const ${name}:`))
    expect(declarations).toHaveLength(1)
    expect(declarations[0]).toMatch(/src\/runtime\/server\/utils\//)
  })

  it('the app\'s own server/utils win over ours, in types and at run time', async () => {
    const declarations = types.split('\n').filter(line => line.includes('const getSession:'))
    expect(declarations).toEqual([expect.stringContaining('server/utils/own')])
    expect((await visit(server, '/api/functions')).body.own).toBe('own')
  })

  it('are there in a route without import statements', async () => {
    expect((await visit(server, '/api/auto')).body).toEqual({ ours: 'function', session: 'function', h3: 'function' })
  })

  it('do not change the rest of h3', () => {
    expect(types).toMatch(/const readBody: typeof import\('[^']*h3[^']*'\)/)
  })
})

describe('an app that switched Nitro\'s auto-imports off', () => {
  const server = suiteServer('small', { APP_SESSION_PASSWORD: testPassword() })

  it('keeps them off', async () => {
    expect((await visit(server, '/api/auto')).body).toEqual({ ours: 'undefined', session: 'undefined', h3: 'undefined' })
  })

  it('uses the session through #session', async () => {
    expect((await visit(server, '/api/count')).body).toMatchObject({ count: 1, isNew: true })
  })
})
