import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The root's own extends a file that Nuxt writes, and there is none in a fresh clone.
  tsconfig: 'tsconfig.json',
  // Works under any `app.baseURL`.
  base: './',
  plugins: [vue({ features: { optionsAPI: false } })],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // Whether the build is called slow depends on what else the machine does.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
})
