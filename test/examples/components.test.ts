import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../e2e/support/build'
import { cleanEnvironment, run } from '../support/process'

// In a separate process, because the environment `nuxt` builds an app before any test.
it('the component tests of docs/testing.md pass', async () => {
  const { code, output } = await run(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run'], {
    cwd: join(ROOT, 'test/fixtures/components'),
    env: cleanEnvironment({}),
    timeout: 120_000,
  })
  expect(code, output).toBe(0)
  expect(output).toMatch(/Tests\s+4 passed/)
}, 150_000)
