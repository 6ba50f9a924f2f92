import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

export interface DevPasswordOptions {
  /** Name of the environment variable. */
  variable: string
  /** The project's `.env`. */
  file: string
  /** Where nothing is written: a pipeline has its own settings. */
  isCI: boolean
  log: (message: string) => void
}

/** Gives the development server a password where it has none, and keeps it so that sessions survive a restart. */
export async function ensureDevPassword(options: DevPasswordOptions): Promise<void> {
  process.env[options.variable] ||= await createPassword(options)
}

async function createPassword({ variable, file, isCI, log }: DevPasswordOptions): Promise<string> {
  const password = randomBytes(32).toString('base64url')
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  if (isCI || new RegExp(`^\\s*(?:export\\s+)?${variable}\\s*=`, 'm').test(content)) {
    log(`No session password was set, so one was generated for this run. Set ${variable} to keep sessions over restarts.`)
    return password
  }
  const separator = content === '' || content.endsWith('\n') ? '' : '\n'
  await writeFile(file, `${content}${separator}${variable}=${password}\n`, { mode: 0o600 })
  log(`No session password was set, so one was generated and kept in .env as ${variable}.`)
  return password
}
