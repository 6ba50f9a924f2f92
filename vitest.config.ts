import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      './client/vitest.config.ts',
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      // Built apps share the cores and their build caches: one after the other.
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 240_000, fileParallelism: false } },
      // One retry: two servers and a browser on two cores answer late now and then; vitest tells which test needed it.
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], retry: 1, testTimeout: 60_000, hookTimeout: 240_000, fileParallelism: false } },
    ],
  },
})
