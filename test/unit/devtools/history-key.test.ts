import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { ensureHistoryKey } from '../../../src/devtools/history-key'

it('is random, the same after a restart, and for its owner alone', async () => {
  const dir = await newProject()
  const key = await ensureHistoryKey(dir)
  expect(key).toMatch(/^[\w-]{43}$/)
  expect(await ensureHistoryKey(dir)).toBe(key)
  expect(await ensureHistoryKey(await newProject())).not.toBe(key)
  expect((await stat(join(dir, '.data/nuxt-h3-session/history-key'))).mode & 0o777).toBe(0o600)
  expect(await readFile(join(dir, '.data/nuxt-h3-session/.gitignore'), 'utf8')).toBe('*\n')
})

it('is of this run alone where it cannot be saved', async () => {
  const dir = await newProject()
  await writeFile(join(dir, '.data'), 'a file')
  expect(await ensureHistoryKey(dir)).not.toBe(await ensureHistoryKey(dir))
})

async function newProject(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'h3-session-history-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return dir
}
