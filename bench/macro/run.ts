import type { Settings } from '../settings.ts'
import { PLAIN, appTargets } from './app-targets.ts'
import { measureFlood } from './flood.ts'
import type { FloodResult } from './flood.ts'
import { LoadGenerator } from './load/generator.ts'
import { measureMemory } from './memory.ts'
import type { MemoryResult } from './memory.ts'
import { measurePeers } from './peers.ts'
import { runRounds } from './rounds.ts'
import type { RoundResults } from './rounds.ts'
import { ServerProcess } from './server-process.ts'
import { measureSideBySide } from './side-by-side.ts'
import type { SideBySide } from './side-by-side.ts'

export interface MacroResults {
  app: RoundResults
  flood: FloodResult
  memory: MemoryResult
  sideBySide: SideBySide
  peers: Map<string, RoundResults>
}

/** Servers under load. @param log gets the name of each measurement */
export async function runMacro(entry: string, settings: Settings, log: (text: string) => void): Promise<MacroResults> {
  const generator = new LoadGenerator()
  try {
    log('the Nitro app under load')
    const { app, flood } = await runApp(entry, generator, settings)
    log('memory')
    const memory = await measureMemory(entry, settings)
    log('ours and the quickest peer by turns')
    const sideBySide = await measureSideBySide(entry, generator, settings)
    log('peers with their own servers')
    return { app, flood, memory, sideBySide, peers: await measurePeers(generator, settings) }
  }
  finally {
    generator.stop()
  }
}

async function runApp(entry: string, generator: LoadGenerator, settings: Settings): Promise<Pick<MacroResults, 'app' | 'flood'>> {
  const server = await ServerProcess.start({ entry })
  try {
    const bench = { server, generator }
    const app = await runRounds(bench, PLAIN, await appTargets(server, settings), settings)
    return { app, flood: await measureFlood(bench, settings) }
  }
  finally {
    await server.stop()
  }
}
