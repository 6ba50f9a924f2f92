import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The output of a run: builds and profiles. Ignored by git. */
export const OUTPUT = fileURLToPath(new URL('.output/', import.meta.url))

export const RESULTS = fileURLToPath(new URL('RESULTS.md', import.meta.url))
