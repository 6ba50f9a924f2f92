import { readdirSync, readFileSync } from 'node:fs'
import { addTemplate, defineNuxtModule } from '@nuxt/kit'

/** The text of the server routes as `#build/server-code`, so that the pages show the code that runs. */
export default defineNuxtModule({
  meta: { name: 'server-code' },
  setup(_, nuxt) {
    const folder = `${nuxt.options.rootDir}/server/api/`
    nuxt.options.watch.push(folder)
    addTemplate({
      filename: 'server-code.ts',
      write: true,
      getContents: () => {
        const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
        const code = Object.fromEntries(files.map(file => [file, readFileSync(folder + file, 'utf8').trim()]))
        return `export const serverCode: Record<string, string> = ${JSON.stringify(code)}\n`
      },
    })
  },
})
