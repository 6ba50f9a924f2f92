import { createConfigForNuxt } from '@nuxt/eslint-config/flat'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'

const frameworks = ['h3', 'h3/*', 'nitropack', 'nitropack/*', '@nuxt/*', 'nuxt', 'nuxt/*', 'vue', '#*', 'node:*']

/** Each room may import from those before it in its list, and from nothing that comes later. */
const ROOMS = [
  ['./src/runtime/core/utils', './src/runtime/core/model', './src/runtime/core/config', './src/runtime/core/seal', './src/runtime/core/store', './src/runtime/core/device', './src/runtime/core/session'],
  ['./src/runtime/core/config', './src/runtime/core/cookie', './src/runtime/core/store'],
  ['./src/runtime/core', './src/runtime/adapters', './src/runtime/server', './src/runtime/*.ts', './src/build', './src/devtools', './src/*.ts'],
]
const zones = [
  ...ROOMS.flatMap(rooms => rooms.flatMap((target, index) => rooms.slice(index + 1).map(from => ({ target, from })))),
  { target: './src/runtime/core/seal', from: './src/runtime/core/cookie' },
  { target: './src/runtime/core/cookie', from: './src/runtime/core/seal' },
  { target: './src/runtime/app', from: './src', except: ['./runtime/app', './runtime/shared', './runtime/core/model'] },
  { target: './src/runtime', from: './src/testing' },
].map(zone => ({ ...zone, message: 'This room comes earlier in the order of the rooms.' }))

export default createConfigForNuxt({ features: { tooling: true, stylistic: true }, dirs: { src: ['playground/app'] } })
  .append(
    {
      rules: {
        '@stylistic/brace-style': ['error', 'stroustrup', { allowSingleLine: true }],
        '@stylistic/operator-linebreak': ['error', 'before', { overrides: { '=': 'after' } }],
        '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'always' }],
        '@stylistic/max-statements-per-line': ['error', { max: 2 }],
      },
    },
    {
      // The order of the rooms: see CONTRIBUTING.md.
      files: ['src/**'],
      plugins: { 'import-x': importX },
      settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.mjs'] })] },
      rules: {
        'import-x/no-restricted-paths': ['error', { zones }],
      },
    },
    {
      files: ['src/runtime/core/**'],
      rules: {
        'no-restricted-imports': ['error', {
          patterns: [{ group: frameworks, message: 'core runs in plain JavaScript: no framework and no runtime of its own.' }],
        }],
        'no-restricted-syntax': ['error', {
          selector: 'MemberExpression[object.name="Date"][property.name="now"]:not([parent.type="Property"])',
          message: 'The clock reaches core as an argument.',
        }],
      },
    },
    {
      files: ['src/runtime/core/store/**'],
      rules: {
        'no-restricted-imports': ['error', {
          patterns: [{ group: [...frameworks, 'unstorage', 'unstorage/*', 'db0', 'db0/*', 'ioredis'], message: 'The stores get their driver as an argument.' }],
        }],
      },
    },
    { files: ['test/fixtures/**'], rules: { 'vue/multi-word-component-names': 'off' } },
    { ignores: ['**/.nuxt/**', '**/.output/**', 'dist/**', 'docs/.vitepress/{cache,dist}/**', 'test/{next,matrix/*}/app/**'] },
  )
