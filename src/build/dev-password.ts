import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

/**
 * Generates a password for the development server if it has none, and saves it in the project's `.env` so that sessions
 * survive a restart. In a CI pipeline, nothing is written to the file.
 */
export async function ensureDevPassword(
  { variable, file, isCI, log }: { variable: string, file: string, isCI: boolean, log: (message: string) => void },
): Promise<void> {
  if (process.env[variable]) return
  const password = randomBytes(32).toString('base64url')
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  process.env[variable] = password
  if (isCI || new RegExp(`^\\s*(?:export\\s+)?${variable}\\s*=`, 'm').test(content)) {
    log(`No session password was set, so one was generated for this run. Set ${variable} so that sessions survive a restart.`)
    return
  }
  const separator = content === '' || content.endsWith('\n') ? '' : '\n'
  await writeFile(file, `${content}${separator}${variable}=${password}\n`, { mode: 0o600 })
  log(`No session password was set, so one was generated and saved in .env as ${variable}.`)
}
