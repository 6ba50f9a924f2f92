import { createConfigForNuxt } from '@nuxt/eslint-config/flat'

const frameworks = ['h3', 'h3/*', 'nitropack', 'nitropack/*', '@nuxt/*', 'nuxt', 'nuxt/*', 'vue', '#*', 'node:*']

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
      // Data flows one way: core ← h3 ← server.
      files: ['src/runtime/core/**'],
      rules: {
        'no-restricted-imports': ['error', {
          patterns: [
            { group: frameworks, message: 'core runs in plain JavaScript: no framework and no runtime of its own.' },
            { group: ['../*'], message: 'core depends on nothing outside core.' },
          ],
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
          patterns: [
            { group: [...frameworks, 'unstorage', 'unstorage/*', 'db0', 'db0/*', 'ioredis'], message: 'The stores get their driver as an argument.' },
            { group: ['../../*'], message: 'core depends on nothing outside core.' },
          ],
        }],
      },
    },
    {
      files: ['src/runtime/h3/**'],
      rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['../server/*', 'nitropack', 'nitropack/*'], message: 'h3 depends on core only.' }] }] },
    },
    { files: ['test/fixtures/**'], rules: { 'vue/multi-word-component-names': 'off' } },
    { ignores: ['**/.nuxt/**', '**/.output/**', 'dist/**', 'test/matrix/*/app/**'] },
  )
