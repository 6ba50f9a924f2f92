import type { Settings } from '../settings.ts'
import { APP_TARGETS } from './app-targets.ts'
import { measureFlood } from './flood.ts'
import type { FloodResult } from './flood.ts'
import { LoadGenerator } from './load/generator.ts'
import { measureMemory } from './memory.ts'
import type { MemoryResult } from './memory.ts'
import { measurePeers } from './peers.ts'
import type { RoundResults } from './rounds.ts'
import { ServerProcess } from './server-process.ts'
import { measureSideBySide } from './side-by-side.ts'
import type { SideBySide } from './side-by-side.ts'
import { measureGroups } from './target-groups.ts'

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
    const app = await measureGroups(entry, APP_TARGETS, generator, settings)
    log('a flood')
    const flood = await ServerProcess.during({ entry }, server => measureFlood({ server, generator }, settings))
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
