import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The runtime lies beside the built module, or beside the folder of this file or of the chunk that it is built into. */
const RUNTIME = ['./runtime/', '../runtime/'].map(path => new URL(path, import.meta.url)).find(url => existsSync(url))

/** A file of the runtime, without its extension. */
export function runtimePath(path: string): string {
  return fileURLToPath(new URL(path, RUNTIME))
}
