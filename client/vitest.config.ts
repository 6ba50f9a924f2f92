import { defineConfig } from 'vitest/config'

export default defineConfig({
  cacheDir: '../node_modules/.vite',
  test: { name: 'client', include: ['test/**/*.test.ts'] },
})
