import type { StoreFiles } from '../core/store/context'

// The sweep of any process may remove an empty directory between the creation of the directory and that of the file.
const WRITE_TRIES = 5

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
      for (let tries = 1; ; tries++) {
        try {
          return await write(path, text)
        }
        catch (error) {
          if (tries === WRITE_TRIES) throw error
          ignoreMissing(error)
          await fs.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true, mode: 0o700 })
        }
      }
    },
    async removeIfEmpty(directory) {
      await fs.rmdir(directory).catch(ignoreFilled)
    },
  }
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

function ignoreFilled(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST') ignoreMissing(error)
}
