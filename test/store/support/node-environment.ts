import { createHash, randomUUID } from 'node:crypto'
import { mkdir, opendir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { StoreEnvironment, StoreFiles } from '../../../src/runtime/core/store/environment'

/** As the server gives them to the stores. */
export const nodeFiles: StoreFiles = {
  async* list(directory) {
    try {
      for await (const entry of await opendir(directory)) yield entry.name
    }
    catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  },
  async replace(path, text) {
    const draft = `${path}.${randomUUID()}.tmp`
    await mkdir(dirname(path), { recursive: true })
    await writeFile(draft, text)
    await rename(draft, path)
  },
}

export const nodeEnvironment: StoreEnvironment = {
  now: Date.now,
  hash: text => createHash('sha256').update(text).digest('hex'),
  random: Math.random,
  startTimer(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  files: nodeFiles,
}
