import type { ServerProcess } from './server-process.ts'
import type { LoadGenerator } from './load/generator.ts'
import type { LoadJob, LoadResult } from './load/job.ts'

/** A route and its requests. */
export interface Target {
  name: string
  path: string
  /** Cookie headers, spread over the connections. */
  cookies: string[]
  /** As in {@link LoadJob}. */
  deviceTokens?: LoadJob['deviceTokens']
  /** Each connection stores the cookies of its responses, like a browser. */
  keepsCookies?: boolean
  /** Milliseconds from one request to the next. Unset: as fast as the server responds. */
  pace?: number
}

/** One measurement of a route. */
export interface Sample extends LoadResult {
  /** Microseconds of CPU, of all threads of the server; `undefined` if the system does not report it. */
  cpuPerRequest: number | undefined
  /** The share of a core that the server used. */
  serverLoad: number | undefined
}

export interface Bench {
  server: Pick<ServerProcess, 'url' | 'cpuTime' | 'errors'>
  generator: LoadGenerator
}

/** Sends requests to a route for some seconds. @throws if a response is no success */
export async function measureTarget({ server, generator }: Bench, target: Target, seconds: number, connections: number): Promise<Sample> {
  const { name, path, cookies, deviceTokens, keepsCookies = false, pace } = target
  const before = await server.cpuTime()
  const result = await generator.run({ url: server.url + path, connections, amount: { seconds }, cookies, deviceTokens, keepsCookies, pace })
  const after = await server.cpuTime()
  if (result.failures > 0) throw new Error(`${name}: ${result.failures} of ${result.requests} answers were no success.\n${server.errors}`)
  const cpu = before === undefined || after === undefined ? undefined : after - before
  return {
    ...result,
    cpuPerRequest: cpu && cpu / result.requests,
    serverLoad: cpu && cpu / 1_000_000 / (result.requests / result.perSecond),
  }
}
