import { defineBuildConfig } from 'unbuild'

export default defineBuildConfig({ entries: ['src/nitro', 'src/testing'] })
