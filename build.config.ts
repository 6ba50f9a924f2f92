import { defineBuildConfig } from 'unbuild'

export default defineBuildConfig({
  entries: ['src/nitro', 'src/h3-devtools', 'src/testing'],
  // Shared chunks are beside the entries, because the runtime is found relative to their folder.
  rollup: { output: { chunkFileNames: '[name].[hash].mjs' } },
})
