import { join } from 'node:path'
import { expect, it } from 'vitest'
import { NUXT, ROOT } from '../e2e/support/build'
import { cleanEnvironment, run } from '../support/process'

const APPS = join(ROOT, 'test/fixtures/docs')

it.each(['sealed', 'stored', 'database', 'mysql', 'sqlite', 'oauth', 'oauth-auth-utils', 'workers', 'embedded', 'subdomains'])('the server code of the app %s is typed', async (app) => {
  const buildDir = join(APPS, '.nuxt', `types-${app}`)
  const env = cleanEnvironment({ FIXTURE: app, FIXTURE_BUILD_DIR: buildDir })
  const prepared = await run(process.execPath, [NUXT, 'prepare', APPS], { env, timeout: 120_000 })
  expect(prepared.code, prepared.output).toBe(0)
  const args = ['--noEmit', '--listFiles', '-p', join(buildDir, 'tsconfig.server.json')]
  const { output } = await run(process.execPath, [join(ROOT, 'node_modules/vue-tsc/bin/vue-tsc.js'), ...args], { env, cwd: ROOT, timeout: 120_000 })
  expect(output.split('\n').filter(line => line.includes('error TS'))).toEqual([])
  expect(output, 'checked at all').toContain(`${APPS}/${app}/server/`)
}, 240_000)
