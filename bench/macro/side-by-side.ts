import { fileURLToPath } from 'node:url'
import type { Settings } from '../settings.ts'
import { LARGE, SMALL, sessionGroup, targetName } from './app-targets.ts'
import { sealTokens, startVisitors } from './cookies.ts'
import type { LoadGenerator } from './load/generator.ts'
import { RoundResults, Rounds } from './rounds.ts'
import { ServerProcess } from './server-process.ts'
import { PLAIN } from './target-groups.ts'
import type { TargetGroup } from './target-groups.ts'

const PEER = fileURLToPath(new URL('peers/fastify.ts', import.meta.url))

/** Ours without the token cache and the fastest peer, in the same rounds. */
export interface SideBySide { ours: RoundResults, secureSession: RoundResults }

/** What is compared, on two servers of their own. */
interface Comparison { ours: TargetGroup, theirs: TargetGroup }

/** Measures both servers in turns, so that load on the machine affects both. */
export async function measureSideBySide(entry: string, generator: LoadGenerator, settings: Settings): Promise<SideBySide> {
  const results: SideBySide = { ours: new RoundResults(), secureSession: new RoundResults() }
  const { rounds, seconds } = settings.sideBySide
  const roundsOf = async (server: ServerProcess, group: TargetGroup, results: RoundResults) =>
    new Rounds({ server, generator }, PLAIN, await group(server, settings), { ...settings, seconds }, results)
  for (let pass = 0; pass < settings.servers; pass++) {
    for (const { ours, theirs } of [SMALL, LARGE].flatMap(bytes => [uncached(bytes), withoutHeaders(bytes), unseenTokens(bytes)])) {
      await ServerProcess.during({ entry }, app => ServerProcess.during({ entry: PEER }, async (peer) => {
        const sides = [await roundsOf(app, ours, results.ours), await roundsOf(peer, theirs, results.secureSession)]
        for (const side of sides) await side.warmUp()
        for (let round = 0; round < rounds; round++) {
          for (const side of round % 2 ? sides.toReversed() : sides) await side.measure(round)
        }
      }))
    }
  }
  return results
}

function uncached(bytes: number): Comparison {
  return { ours: sessionGroup('keys', bytes), theirs: sessionGroup('', bytes) }
}

export const bare = (bytes: number) => `no cache headers, ${bytes} B`

/** The peer sends no headers for caches. */
function withoutHeaders(bytes: number): Comparison {
  const reading = (prefix: string): TargetGroup => async (server, { visitors }) =>
    [{ name: bare(bytes), path: `${prefix}/read`, cookies: await startVisitors(server, `${prefix}/start`, bytes, visitors) ?? [] }]
  return { ours: reading('/keys-bare'), theirs: reading('') }
}

export const unseen = (bytes: number) => `tokens not seen before, ${bytes} B`

/** The peer has no cache, but thousands of different cookies slow down the load process, and with it every server. */
function unseenTokens(bytes: number): Comparison {
  return {
    ours: async (server, { tokens }) => [{ name: unseen(bytes), path: '/ours/read', cookies: await sealTokens(server, bytes, tokens) }],
    theirs: async (server, { tokens }) => [{ name: unseen(bytes), path: '/read', cookies: await startVisitors(server, '/start', bytes, tokens) ?? [] }],
  }
}

/** Each round's throughput of reads, ours divided by theirs. Each is relative to its own plain route. */
export function overSecureSession({ ours, secureSession }: SideBySide, name: string, bytes: number): number[] {
  const theirs = name === targetName('keys', 'read', bytes) ? targetName('', 'read', bytes) : name
  return ours.ratiosBetween(name, theirs, secureSession)
}
