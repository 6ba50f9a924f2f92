import { readdirSync, readFileSync } from 'node:fs'
import { addTemplate, defineNuxtModule } from '@nuxt/kit'

const FOLDERS = ['server/api/', 'app/components/', 'app/pages/']

/** Provides the explained files as text in `#build/server-code`, so that the pages show the code that runs. */
export default defineNuxtModule({
  meta: { name: 'server-code' },
  setup(_, nuxt) {
    const root = `${nuxt.options.rootDir}/`
    nuxt.options.watch.push(`${root}server/api/`)
    addTemplate({
      filename: 'server-code.ts',
      write: true,
      getContents: () => {
        const files = FOLDERS.flatMap(folder => readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map(file => folder + file))
        const shown = files.filter(file => file.endsWith('.ts') || SHOWN_COMPONENTS.has(file))
        const code = Object.fromEntries(shown.map(file => [file, readFileSync(root + file, 'utf8').trim()]))
        return `export const serverCode: Record<string, string> = ${JSON.stringify(code)}\n`
      },
    })
  },
})

// Only these files, because the browser gets their text.
const SHOWN_COMPONENTS = new Set(['app/components/VisitorName.vue', 'app/pages/members.vue'])
