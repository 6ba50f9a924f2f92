import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { PAGE_PATH, PANEL_PATH, RPC_NAMESPACE, TOKEN_HEADER } from '../../src/devtools/protocol'
import { CHANNEL_VARIABLE } from '../../src/runtime/server/devtools/messages'
import { NITRO, NUXT, ROOT } from '../e2e/support/build'
import { cleanEnvironment, run } from '../support/process'
import { filesWith } from './support/files'

it.each([['nuxt', NUXT], ['nitro', NITRO]])('a production build by %s, of an app with DevTools on, has no trace of them', { timeout: 180_000 }, async (target, cli) => {
  const fixture = join(ROOT, 'test/fixtures/devtools')
  const dir = await mkdtemp(join(tmpdir(), 'h3-session-output-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const output = join(dir, 'output')
  const env = cleanEnvironment({
    FIXTURE_TARGET: target, FIXTURE_BUILD_DIR: join(fixture, '.nuxt', `production-${target}`), FIXTURE_OUTPUT_DIR: output,
    NUXT_SESSION_PASSWORD: 'test-only-password-of-the-build-machine-4712',
  })
  const { code, output: log } = await run(process.execPath, [cli, 'build', fixture], { env, timeout: 170_000 })
  expect(code, log).toBe(0)

  // The build contains the module itself.
  const [nitro] = await filesWith('nuxt-h3-session', [output])
  expect(nitro).toBeDefined()
  expect((await readdir(join(output, 'public'), { recursive: true })).filter(name => name.includes('session'))).toEqual([])
  const traces = [
    PANEL_PATH, PAGE_PATH, CHANNEL_VARIABLE, TOKEN_HEADER, `${RPC_NAMESPACE}:`, 'server/devtools', 'nuxt-h3-session.inspector',
    'CommandTransport', 'describeActivity', 'inspectToken', 'editStored', 'DevTools could not record', 'Grace Hopper',
  ]
  for (const trace of traces) expect(await filesWith(trace, [output]), trace).toEqual([])
  // The app's tabs use a BroadcastChannel, the server does not.
  expect(await filesWith('BroadcastChannel(', [join(output, 'server')])).toEqual([])
})
