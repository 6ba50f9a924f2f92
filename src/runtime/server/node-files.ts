import type { StoreFiles } from '../core/store/context'

/** Node's file system, if the runtime has it. */
export function nodeFiles(): StoreFiles | undefined {
  const fs = globalThis.process?.getBuiltinModule?.('node:fs/promises')
  if (!fs) return undefined

  async function* list(directory: string): AsyncGenerator<string> {
    const entries = await fs!.opendir(directory).catch(ignoreMissing)
    if (!entries) return
    for await (const entry of entries) yield entry.name
  }

  async function write(path: string, text: string): Promise<void> {
    // The sweep recognizes drafts by this name.
    const draft = `${path}.${globalThis.crypto.randomUUID()}`
    try {
      await fs!.writeFile(draft, text, { mode: 0o600 })
      await fs!.rename(draft, path)
    }
    catch (error) {
      await fs!.rm(draft, { force: true })
      throw error
    }
  }

  return {
    list,
    async replace(path, text) {
      try {
        await write(path, text)
      }
      catch (error) {
        ignoreMissing(error)
        await fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true, mode: 0o700 })
        await write(path, text)
      }
    },
  }
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
