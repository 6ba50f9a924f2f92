import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { OUTPUT, ROOT } from '../paths.ts'

const NITRO = join(ROOT, 'node_modules/nitropack/dist/cli/index.mjs')
const APP = join(ROOT, 'bench/macro/app')

/** Builds the Nitro app of all routes. @returns the file that starts its server */
export async function buildApp(): Promise<string> {
  const child = spawn(process.execPath, [NITRO, 'build', '--dir', APP], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => { output += text })
  child.stderr.on('data', (text) => { output += text })
  const [code] = await once(child, 'close') as [number | null]
  if (code !== 0) throw new Error(`The build of the Nitro app failed:\n${output}`)
  return join(OUTPUT, 'nitro/server/index.mjs')
}
