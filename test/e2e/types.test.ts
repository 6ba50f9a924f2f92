import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { NUXT, ROOT } from './support/build'
import { cleanEnvironment, run } from '../support/process'

const DIR = join(ROOT, 'test/fixtures/types')

/** Every `@ts-expect-error` of the fixture is a negative case: an unused one is an error too. */
describe('an app that augments SessionData and NamedSessions', () => {
  beforeAll(async () => {
    await rm(join(DIR, '.nuxt'), { recursive: true, force: true })
    const { code, output } = await run(process.execPath, [NUXT, 'prepare', DIR], { env: cleanEnvironment({}), timeout: 120_000 })
    expect(code, output).toBe(0)
  })

  it('is typed in routes and hooks', async () => {
    const { code, output } = await vueTsc('server')
    expect(errorsOf(output)).toEqual([])
    expect(code).toBe(0)
    for (const file of ['shared/types/session.d.ts', 'server/api/data.ts', 'server/api/named.ts', 'server/plugins/hooks.ts'])
      expect(output, 'checked at all').toContain(join(DIR, file))
  })

  it('is typed in pages, with the keys that may reach the browser', async () => {
    const { code, output } = await vueTsc('app')
    expect(errorsOf(output)).toEqual([])
    expect(code).toBe(0)
    for (const file of ['pages/index.vue', 'pages/members.vue']) expect(output, 'checked at all').toContain(join(DIR, file))
  })

  it('has typed options in nuxt.config', async () => {
    const { code, output } = await vueTsc('node')
    expect(errorsOf(output)).toEqual([])
    expect(code).toBe(0)
    expect(output, 'checked at all').toContain(join(DIR, 'nuxt.config.ts'))
  })
})

function errorsOf(output: string): string[] {
  return output.split('\n').filter(line => line.includes('error TS'))
}

/** Checks one of the TypeScript projects of a Nuxt app, and lists its files. */
function vueTsc(project: 'app' | 'server' | 'node') {
  const args = ['--noEmit', '--listFiles', '-p', join(DIR, `.nuxt/tsconfig.${project}.json`)]
  return run(process.execPath, [join(ROOT, 'node_modules/vue-tsc/bin/vue-tsc.js'), ...args], {
    env: cleanEnvironment({}), cwd: DIR, timeout: 120_000,
  })
}
