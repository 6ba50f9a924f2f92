import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Below the project's folder. `nuxt dev` serves no file in `.data`. */
const FOLDER = '.data/nuxt-h3-session'

/**
 * Opens what a panel has kept in its browser over a restart of the server: a random key, saved in the project's folder,
 * so that it is the same after the restart, also if the password has changed. If it cannot be saved, each run has its own.
 */
export async function ensureHistoryKey(rootDir: string): Promise<string> {
  const folder = join(rootDir, FOLDER)
  const file = join(folder, 'history-key')
  const key = randomBytes(32).toString('base64url')
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, '.gitignore'), '*\n')
    await writeFile(file, key, { mode: 0o600, flag: 'wx' })
    return key
  }
  catch {
    return await readFile(file, 'utf8').catch(() => '') || key
  }
}
