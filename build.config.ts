import { defineBuildConfig } from 'unbuild'
import { removeComments } from './scripts/without-comments'

export default defineBuildConfig({
  entries: ['src/nitro', 'src/h3-devtools', 'src/testing'],
  // Shared chunks are beside the entries, because the runtime is found relative to their folder.
  rollup: { output: { chunkFileNames: '[name].[hash].mjs' } },
  hooks: { 'mkdist:done': ({ options }) => removeComments(`${options.outDir}/runtime`) },
})
