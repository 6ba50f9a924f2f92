import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import type { Task } from './worker'

const ROOT = fileURLToPath(new URL('.', import.meta.url))

/** Bundles the worker into one file, so that a process starts ten times as fast. Returns its path. */
export async function bundleWorker(outDir: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'silent',
    root: ROOT,
    build: { ssr: 'worker.ts', outDir, emptyOutDir: false, minify: false },
    ssr: { noExternal: true },
  })
  return join(outDir, 'worker.js')
}

/** Runs a task in a separate process. Returns the signal that ended it, if one did. */
export async function runProcess(worker: string, task: Task): Promise<NodeJS.Signals | undefined> {
  const child = spawn(process.execPath, ['--no-warnings', worker, JSON.stringify(task)], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text: Buffer) => { said += String(text) })
  const [code, signal] = await once(child, 'close') as [number | null, NodeJS.Signals | null]
  if (signal === null && code !== 0) throw new Error(`the process ended with ${code}: ${said}`)
  return signal ?? undefined
}
