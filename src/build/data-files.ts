import { addVitePlugin } from '@nuxt/kit'
import type { ViteDevServer } from 'vite'

/** In it, `storage: true` and databases of Nitro keep their files. */
const DATA_DIRECTORY = /[\\/]\.data[\\/]/i

/** Refuses requests for files in `.data`, where sessions are stored: Vite's development server serves every file of a project. */
export function refuseDataFiles(): void {
  addVitePlugin(() => ({
    name: 'nuxt-h3-session:data-files',
    apply: 'serve',
    configureServer({ middlewares }: ViteDevServer) {
      middlewares.use(({ url = '' }, response, next) => {
        if (!isDataFile(url)) return next()
        response.statusCode = 403
        response.end('Files in .data are not served, because they contain sessions.')
      })
    },
  }), { server: false })
}

/** Whether a URL has a file in `.data`. Vite decodes a path once, and refuses what cannot be decoded. */
function isDataFile(url: string): boolean {
  try {
    return DATA_DIRECTORY.test(decodeURIComponent(url.split(/[?#]/, 1)[0]!))
  }
  catch {
    return false
  }
}
