import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Beside the built module, or beside the folder of this file or of its build chunk. */
const RUNTIME = ['./runtime/', '../runtime/'].map(path => new URL(path, import.meta.url)).find(url => existsSync(url))

/** Returns the path of a runtime file, given without its extension. */
export function runtimePath(path: string): string {
  return fileURLToPath(new URL(path, RUNTIME))
}
