import { mkdir, writeFile } from 'node:fs/promises'
import type { Profiler } from 'node:inspector'
import { join } from 'node:path'
import { APP_TARGETS, SMALL, targetName } from '../macro/app-targets.ts'
import { LoadGenerator } from '../macro/load/generator.ts'
import { ServerProcess } from '../macro/server-process.ts'
import { PLAIN } from '../macro/target-groups.ts'
import { measureTarget } from '../macro/target.ts'
import type { Target } from '../macro/target.ts'
import { OUTPUT } from '../paths.ts'
import { table } from '../report/markdown.ts'
import type { Settings } from '../settings.ts'
import { selfTimes } from './self-time.ts'

const FUNCTIONS = 20
const FOLDER = join(OUTPUT, 'profiles')

/**
 * Profiles the server under load.
 *
 * The target is `read`, `write`, or the name of any route that is measured.
 * @returns the functions with the most self time, and the file of the profile
 */
export async function runProfile(entry: string, target: string, settings: Settings): Promise<string> {
  const generator = new LoadGenerator()
  return ServerProcess.during({ entry }, async (server) => {
    const chosen = await findTarget(server, target, settings)
    const measure = (seconds: number) => measureTarget({ server, generator }, chosen, seconds, settings.connections)
    await measure(settings.warmUpSeconds)
    await server.get('/_bench/profile/start')
    const { perSecond } = await measure(4 * settings.seconds)
    const profile = await server.get<Profiler.Profile>('/_bench/profile/stop')
    const file = join(FOLDER, `${chosen.name.replaceAll(/\W+/g, '-')}-${new Date().toISOString().replaceAll(':', '-')}.cpuprofile`)
    await mkdir(FOLDER, { recursive: true })
    await writeFile(file, JSON.stringify(profile))
    const rows = selfTimes(profile).slice(0, FUNCTIONS).map(({ name, location, share }) => [name, location, `${(100 * share).toFixed(1)} %`])
    return `${chosen.name}, ${perSecond.toFixed(0)} requests a second while profiled\n\n${table(['function', 'where', 'self'], rows)}\n\n${file}\n`
  }).finally(() => generator.stop())
}

async function findTarget(server: ServerProcess, wanted: string, settings: Settings): Promise<Target> {
  const name = wanted === 'read' || wanted === 'write' ? targetName('ours', wanted, SMALL) : wanted
  const names: string[] = []
  for (const group of [async () => [PLAIN], ...APP_TARGETS]) {
    const targets = await group(server, settings)
    const target = targets.find(target => target.name === name)
    if (target) return target
    names.push(...targets.map(({ name }) => name))
  }
  throw new Error(`There is no route "${name}". Choose read, write, or one of: ${names.join('; ')}.`)
}
