import type { Settings } from '../settings.ts'
import { median } from '../statistics.ts'
import { LoadGenerator } from './load/generator.ts'
import { ServerProcess } from './server-process.ts'
import { startVisitors } from './cookies.ts'
import { SMALL } from './app-targets.ts'

interface HeapState { used: number, collections: number }

/** Megabytes. Large enough that no measurement causes a garbage collection. */
const YOUNG_GENERATION = 512
const FLAGS = ['--expose-gc', `--min-semi-space-size=${YOUNG_GENERATION}`, `--max-semi-space-size=${YOUNG_GENERATION}`]

export interface MemoryResult {
  /** Bytes of the JavaScript heap that a request of the route allocates, by the route. */
  perRequest: Map<string, number>
}

/** Measures on a separate server how much memory a request of a route allocates. */
export async function measureMemory(entry: string, { memory, visitors }: Settings): Promise<MemoryResult> {
  const generator = new LoadGenerator()
  return ServerProcess.during({ entry, flags: FLAGS }, async (server) => {
    const perRequest = new Map<string, number>()
    for (const prefix of ['ours', 'h3-v1']) {
      const cookies = await startVisitors(server, `/${prefix}/start`, SMALL, visitors) ?? []
      // The browser sends its cookie to the plain route too.
      if (prefix === 'ours') perRequest.set('plain', await measureRoute(server, generator, '/plain', cookies, memory))
      perRequest.set(prefix, await measureRoute(server, generator, `/${prefix}/read`, cookies, memory))
    }
    return { perRequest }
  }).finally(() => generator.stop())
}

async function measureRoute(
  server: ServerProcess, generator: LoadGenerator, path: string, cookies: string[], { warmUp, requests, repeats }: Settings['memory'],
): Promise<number> {
  const ask = (requests: number) => generator.run({
    url: server.url + path, connections: 4, amount: { requests }, cookies, keepsCookies: false,
  })
  await ask(warmUp)
  const measured: number[] = []
  for (let repeat = 0; repeat < repeats; repeat++) {
    const before = await server.get<HeapState>('/_bench/heap?collect=1')
    await ask(requests)
    const after = await server.get<HeapState>('/_bench/heap')
    if (after.collections === before.collections) measured.push((after.used - before.used) / requests)
  }
  return median(measured)
}
