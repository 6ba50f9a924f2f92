import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What a run leaves behind: builds and profiles. Ignored by git. */
export const OUTPUT = fileURLToPath(new URL('.output/', import.meta.url))

export const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url))
