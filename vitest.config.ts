import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import type { TestProjectInlineConfiguration } from 'vitest/config'
import { excludedSuites, TARGET_NAME } from './test/e2e/support/targets.ts'
import { ensureTypesOfNuxt } from './test/support/types-of-nuxt.ts'

// What a session does must not depend on how it is sealed.
const SEALED_BOTH_WAYS = ['session-*', 'state-machine', 'properties', 'h3-compat', 'h3-next-compat', 'seal', 'iron-compat']

await ensureTypesOfNuxt()

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      './client/vitest.config.ts',
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      // The same with the synchronous seals and the caches; see test/unit/support/app.ts.
      { test: { name: 'unit-node', include: SEALED_BOTH_WAYS.map(name => `test/unit/${name}.test.ts`), env: { TEST_SEALS: 'node' } } },
      { test: { name: 'store', include: ['test/store/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000, fileParallelism: false } },
      // Hostile input, memory and secrets; FUZZ_RUNS says how many inputs. A built app is among them.
      { test: { name: 'security', include: ['test/security/**/*.test.ts'], env: { TEST_SEALS: 'node' }, testTimeout: 120_000, hookTimeout: 240_000, fileParallelism: false } },
      endToEnd('e2e', TARGET_NAME),
      // The same suites on a Nitro app without Nuxt.
      endToEnd('nitro', 'nitro'),
      // Apps before and after, as docs/migration shows them.
      { test: { name: 'migration', include: ['test/migration/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 240_000, fileParallelism: false } },
      // What docs/testing.md shows, on the sources.
      {
        resolve: { alias: { 'nuxt-h3-session/testing': fileURLToPath(new URL('src/testing.ts', import.meta.url)) } },
        test: { name: 'examples', include: ['test/examples/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 240_000, fileParallelism: false },
      },
      // The code of docs/, built and asked over HTTP.
      { test: { name: 'docs', include: ['test/docs/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 240_000, fileParallelism: false } },
      // One retry: two servers and a browser on two cores answer late now and then; vitest tells which test needed it.
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], retry: 1, testTimeout: 60_000, hookTimeout: 240_000, fileParallelism: false } },
    ],
  },
})

/** The suites that drive built apps. They share the cores and their build caches: one after the other. */
function endToEnd(name: string, target: string): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      include: ['test/e2e/**/*.test.ts'],
      exclude: excludedSuites(target),
      setupFiles: ['test/e2e/support/skip.ts'],
      env: { TEST_TARGET: target },
      testTimeout: 60_000,
      hookTimeout: 240_000,
      fileParallelism: false,
    },
  }
}
