import type { LoadGenerator } from '../macro/load/generator.ts'
import { ServerProcess } from '../macro/server-process.ts'
import { measureTarget } from '../macro/target.ts'
import type { Settings } from '../settings.ts'
import { median } from '../statistics.ts'
import { APPS, buildWeighedApp } from './apps.ts'
import type { AppName } from './apps.ts'
import { weigh } from './bytes.ts'
import type { Bytes } from './bytes.ts'
import { entryOf, WeighedServer } from './server.ts'

export interface WeightResults {
  bytes: Record<AppName, Bytes>
  /** Milliseconds from the start of the process to the first answer. */
  start: Record<AppName, number>
  /** Bytes of the heap of a server that has answered a visitor. */
  heap: Record<AppName, number>
  /** CPU time of a page for a visitor without a cookie, over the bare app's page. */
  page: Record<AppName, number>
}

/** What the module adds to a new app, and what nuxt-auth-utils adds. */
export async function measureWeight(generator: LoadGenerator, { weight }: Settings): Promise<WeightResults> {
  const dirs = await forEach(buildWeighedApp)
  return {
    bytes: await forEach(name => weigh(dirs[name])),
    start: medians(await byTurns(weight.starts, name => startTime(dirs[name]))),
    heap: medians(await byTurns(weight.heaps, name => heapOf(dirs[name]))),
    page: await pageCosts(dirs, generator, weight),
  }
}

async function startTime(outputDir: string): Promise<number> {
  const server = await WeighedServer.start(outputDir)
  await server.stop()
  return server.milliseconds
}

async function heapOf(outputDir: string): Promise<number> {
  const server = await WeighedServer.start(outputDir, { isProbed: true })
  try {
    await server.visit()
    return await server.heap()
  }
  finally {
    await server.stop()
  }
}

async function pageCosts(dirs: Record<AppName, string>, generator: LoadGenerator, { rounds, seconds }: Settings['weight']): Promise<Record<AppName, number>> {
  const servers: ServerProcess[] = []
  try {
    const started = await forEach(async (name) => {
      const server = await ServerProcess.start({ entry: entryOf(dirs[name]) })
      servers.push(server)
      return server
    })
    const cost = async (name: AppName) => {
      const { cpuPerRequest } = await measureTarget({ server: started[name], generator }, { name, path: '/', cookies: [] }, seconds, 8)
      return cpuPerRequest ?? Number.NaN
    }
    // The first round warms up.
    await forEach(cost)
    const costs = await byTurns(rounds, cost)
    return forEach(async name => median(costs[name].map((value, round) => value / costs.bare[round]!)))
  }
  finally {
    for (const server of servers) await server.stop()
  }
}

/** Measures every app once in each round, so that load on the machine affects all of them. */
async function byTurns(rounds: number, measure: (name: AppName) => Promise<number>): Promise<Record<AppName, number[]>> {
  const values = await forEach(async (): Promise<number[]> => [])
  for (let round = 0; round < rounds; round++) await forEach(async name => values[name].push(await measure(name)))
  return values
}

function medians(values: Record<AppName, number[]>): Record<AppName, number> {
  return Object.fromEntries(APPS.map(name => [name, median(values[name])])) as Record<AppName, number>
}

/** One after the other. */
async function forEach<T>(make: (name: AppName) => Promise<T>): Promise<Record<AppName, T>> {
  const results: Partial<Record<AppName, T>> = {}
  for (const name of APPS) results[name] = await make(name)
  return results as Record<AppName, T>
}
