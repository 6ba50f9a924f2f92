import { fileURLToPath } from 'node:url'
import type { Settings } from '../settings.ts'
import { LARGE, PLAIN, SMALL, targetName, targetsOfBothSizes } from './app-targets.ts'
import { sealTokens, startVisitors } from './cookies.ts'
import type { LoadGenerator } from './load/generator.ts'
import { Rounds } from './rounds.ts'
import type { RoundResults } from './rounds.ts'
import { ServerProcess } from './server-process.ts'
import type { Target } from './target.ts'

/** Ours without the token cache and the fastest peer, in the same rounds. */
export interface SideBySide { ours: RoundResults, secureSession: RoundResults }

/** Measures both servers in turns, so that load on the machine affects both. */
export async function measureSideBySide(entry: string, generator: LoadGenerator, settings: Settings): Promise<SideBySide> {
  const servers: ServerProcess[] = []
  const start = async (entry: string) => {
    const server = await ServerProcess.start({ entry })
    servers.push(server)
    return server
  }
  try {
    const [app, peer] = [await start(entry), await start(fileURLToPath(new URL('peers/fastify.ts', import.meta.url)))]
    const { rounds, seconds } = settings.sideBySide
    const roundsOf = (server: ServerProcess, targets: Target[]) => new Rounds({ server, generator }, PLAIN, targets, { ...settings, seconds })
    const ours = roundsOf(app, await oursUncached(app, settings))
    const theirs = roundsOf(peer, await peerTargets(peer, settings))
    for (const side of [ours, theirs]) await side.warmUp()
    for (let round = 0; round < rounds; round++) {
      for (const side of [ours, theirs]) await side.measure(round)
    }
    return { ours: ours.results, secureSession: theirs.results }
  }
  finally {
    for (const server of servers) await server.stop()
  }
}

export const unseen = (bytes: number) => `tokens not seen before, ${bytes} B`

async function oursUncached(server: ServerProcess, settings: Settings): Promise<Target[]> {
  const targets = await targetsOfBothSizes(server, 'keys', settings.visitors)
  targets.push(...(await targetsOfBothSizes(server, 'keys-bare', settings.visitors)).filter(({ keepsCookies }) => !keepsCookies))
  for (const bytes of [SMALL, LARGE])
    targets.push({ name: unseen(bytes), path: '/ours/read', cookies: await sealTokens(server, bytes, settings.tokens) })
  return targets
}

/** The peer has no cache, but thousands of different cookies slow down the load process, and with it every server. */
async function peerTargets(server: ServerProcess, { visitors, tokens }: Settings): Promise<Target[]> {
  const targets = await targetsOfBothSizes(server, '', visitors)
  for (const bytes of [SMALL, LARGE])
    targets.push({ name: unseen(bytes), path: '/read', cookies: await startVisitors(server, '/start', bytes, tokens) ?? [] })
  return targets
}

/** Each round's throughput of reads, ours divided by theirs. Each is relative to its own plain route. */
export function overSecureSession({ ours, secureSession }: SideBySide, name: string, bytes: number): number[] {
  const theirs = name === unseen(bytes) ? name : targetName('', 'read', bytes)
  return ours.ratiosBetween(name, theirs, secureSession)
}
