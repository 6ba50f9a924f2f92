import { once } from 'node:events'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { OUTPUT, ROOT } from '../paths.ts'

/**
 * A new app with a route and a page. `ours`, `peer`: the route keeps a session in a cookie, with this module or
 * nuxt-auth-utils. `-shown`: the page shows the session too.
 */
export const APPS = ['bare', 'ours', 'ours-shown', 'peer', 'peer-shown'] as const

export type AppName = typeof APPS[number]

const NUXT = join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs')

/** Builds the app. @returns the folder of its output */
export async function buildWeighedApp(name: AppName): Promise<string> {
  const child = spawn(process.execPath, [NUXT, 'build', join(ROOT, 'bench/weight/app')], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: '1', NUXT_TELEMETRY_DISABLED: '1', WEIGHT_APP: name },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => { output += text })
  child.stderr.on('data', (text) => { output += text })
  const [code] = await once(child, 'close') as [number | null]
  if (code !== 0) throw new Error(`The build of the app "${name}" failed:\n${output}`)
  return join(OUTPUT, 'weight', name)
}
