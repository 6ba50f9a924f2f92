import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { WeighedServer } from './server.ts'

/** Bytes of JavaScript, each file compressed by gzip -9. */
export interface Bytes {
  /** Of the server, loaded for a route with a session in a cookie and for the page. */
  serverLoaded: number
  /** The loaded files of the server. */
  loaded: string[]
  /** Of the server's own chunks, also those that are never loaded. */
  serverChunks: number
  /** Of the browser, loaded with the page. */
  clientLoaded: number
  /** Of the browser, also for other pages and errors. */
  clientChunks: number
}

/** Weighs a built app. */
export async function weigh(outputDir: string): Promise<Bytes> {
  const [server, client] = [join(outputDir, 'server'), join(outputDir, 'public')]
  const { loaded, page } = await visit(outputDir)
  return {
    loaded,
    serverLoaded: await compressed(loaded),
    serverChunks: await compressed(globSync('{index,chunks/**/*}.mjs', { cwd: server }).map(file => join(server, file))),
    // Nuxt prefetches other scripts when the browser is idle.
    clientLoaded: await compressed(Array.from(page.matchAll(/<link rel="modulepreload"[^>]* href="([^"]+)"/g), ([, path]) => join(client, path!))),
    clientChunks: await compressed(globSync('_nuxt/*.js', { cwd: client }).map(file => join(client, file))),
  }
}

/** Visits a built app. Returns what the server has loaded then, and the page. */
async function visit(outputDir: string): Promise<{ loaded: string[], page: string }> {
  const server = await WeighedServer.start(outputDir, { isProbed: true })
  try {
    const page = await server.visit()
    return { page, loaded: await server.loaded() }
  }
  finally {
    await server.stop()
  }
}

async function compressed(files: string[]): Promise<number> {
  if (files.length === 0) throw new Error('There are no files to weigh.')
  const sizes = await Promise.all(files.map(async file => gzipSync(await readFile(file), { level: 9 }).length))
  return sizes.reduce((sum, size) => sum + size, 0)
}
