import { defineBuildConfig } from 'unbuild'

export default defineBuildConfig({
  entries: ['src/nitro', 'src/testing'],
  // What entries share lies beside them, where the runtime is looked for.
  rollup: { output: { chunkFileNames: '[name].[hash].mjs' } },
})
