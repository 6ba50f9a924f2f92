import type { Settings } from '../settings.ts'
import type { LoadGenerator } from './load/generator.ts'
import { RoundResults, runRounds } from './rounds.ts'
import { ServerProcess } from './server-process.ts'
import type { Target } from './target.ts'

export const PLAIN: Target = { name: 'plain', path: '/plain', cookies: [] }

/** Prepares a server for some of its routes. @returns the routes, with the cookies for them */
export type TargetGroup = (server: ServerProcess, settings: Settings) => Promise<Target[]>

/**
 * Measures each group on servers of its own, relative to their plain route, like an app that uses one session library:
 * where other routes had run before, each request took longer. Each pass starts all servers anew, because the same
 * routes are quicker in one process than in another.
 */
export async function measureGroups(entry: string, groups: TargetGroup[], generator: LoadGenerator, settings: Settings): Promise<RoundResults> {
  const results = new RoundResults()
  for (let pass = 0; pass < settings.servers; pass++) {
    for (const group of groups) {
      await ServerProcess.during({ entry }, async server =>
        runRounds({ server, generator }, PLAIN, await group(server, settings), settings, results))
    }
  }
  return results
}
