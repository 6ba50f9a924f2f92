import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import type { TestProjectInlineConfiguration } from 'vitest/config'
import ClosingLineReporter from './test/support/closing-line.ts'
import { excludedSuites, TARGET_NAME } from './test/e2e/support/targets.ts'
import { ensureTypesOfNuxt } from './test/support/types-of-nuxt.ts'

// The behaviour of a session must not depend on the codec.
const SEALED_BOTH_WAYS = ['session-*', 'device-proof', 'state-machine', 'properties', 'h3-compat', 'h3-next-compat', 'seal', 'iron-compat']

await ensureTypesOfNuxt()

// Built apps share the cores and their build caches: one file after the other.
const BUILT_APPS = { testTimeout: 60_000, hookTimeout: 240_000, fileParallelism: false }

export default defineConfig({
  test: {
    reporters: ['default', new ClosingLineReporter()],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'client/test/**/*.test.ts'] } },
      // The same with the synchronous seals and the caches; see test/unit/support/app.ts.
      { test: { name: 'unit-node', include: SEALED_BOTH_WAYS.map(name => `test/unit/${name}.test.ts`), env: { TEST_SEALS: 'node' } } },
      { test: { name: 'store', include: ['test/store/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false } },
      // FUZZ_RUNS sets the number of inputs.
      { test: { name: 'security', include: ['test/security/**/*.test.ts'], env: { TEST_SEALS: 'node' }, ...BUILT_APPS, testTimeout: 120_000 } },
      endToEnd('e2e', TARGET_NAME),
      endToEnd('nitro', 'nitro'),
      // The code of docs/: docs/testing.md imports the package by its name, here from its sources.
      {
        resolve: { alias: { 'nuxt-h3-session/testing': fileURLToPath(new URL('src/testing.ts', import.meta.url)) } },
        test: { name: 'docs', include: ['test/{docs,examples,migration}/**/*.test.ts'], ...BUILT_APPS },
      },
      // One retry: two servers and a browser on two cores are sometimes slow. Vitest reports which test needed it.
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], setupFiles: ['test/e2e/support/skip.ts'], retry: 1, ...BUILT_APPS } },
    ],
  },
})

function endToEnd(name: string, target: string): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include: ['test/e2e/**/*.test.ts'],
      exclude: excludedSuites(target),
      setupFiles: ['test/e2e/support/skip.ts'],
      env: { TEST_TARGET: target },
      ...BUILT_APPS,
    },
  }
}
