import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Files below the folders that contain a text. Links, such as `node_modules`, are not followed. */
export async function filesWith(text: string, dirs: string[]): Promise<string[]> {
  const entries = await Promise.all(dirs.map(dir => readdir(dir, { recursive: true, withFileTypes: true })))
  const files = entries.flat().filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const found: string[] = []
  for (const file of files) {
    // A file may have been removed in the meantime.
    const content = await readFile(file, 'latin1').catch(() => '')
    if (content.includes(text)) found.push(file)
  }
  return found
}
