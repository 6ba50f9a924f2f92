import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { OUTPUT } from '../paths.ts'
import type { MicroSettings } from '../settings.ts'
import type { MicroResults } from './results.ts'

/** Bundles the micro benchmarks with our code, like an app's build, and runs them in a separate process. */
export async function runMicro(settings: MicroSettings): Promise<MicroResults> {
  const child = fork(await bundle(), { execArgv: ['--expose-gc'] })
  try {
    const ended = once(child, 'exit').then(() => { throw new Error('The process of the micro benchmarks ended.') })
    child.send(settings)
    const [results] = await Promise.race([once(child, 'message'), ended]) as [MicroResults]
    return results
  }
  finally {
    child.kill()
  }
}

async function bundle(): Promise<string> {
  const outDir = join(OUTPUT, 'micro')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(new URL('main.ts', import.meta.url)),
      outDir,
      emptyOutDir: true,
      minify: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'main.mjs' } },
    },
  })
  return join(outDir, 'main.mjs')
}
