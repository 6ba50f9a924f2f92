import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'

export interface DevPasswordOptions {
  /** Name of the environment variable. */
  variable: string
  /** The project's `.env`. */
  file: string
  /** In a CI pipeline, nothing is written to the file. */
  isCI: boolean
  log: (message: string) => void
}

/** Generates a password for the development server if it has none, and saves it in `.env` so that sessions survive a restart. */
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
    log(`No session password was set, so one was generated for this run. Set ${variable} so that sessions survive a restart.`)
    return password
  }
  const separator = content === '' || content.endsWith('\n') ? '' : '\n'
  await writeFile(file, `${content}${separator}${variable}=${password}\n`, { mode: 0o600 })
  log(`No session password was set, so one was generated and saved in .env as ${variable}.`)
  return password
}
