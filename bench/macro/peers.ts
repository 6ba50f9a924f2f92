import { fileURLToPath } from 'node:url'
import type { Settings } from '../settings.ts'
import { PLAIN, targetsOfBothSizes } from './app-targets.ts'
import type { LoadGenerator } from './load/generator.ts'
import { runRounds } from './rounds.ts'
import type { RoundResults } from './rounds.ts'
import { ServerProcess } from './server-process.ts'
import type { Target } from './target.ts'

/** A session library with its own server. Its routes are compared with that server's plain route. */
interface Peer {
  /** The file in `peers/`. */
  server: string
  /** Prefixes of its session routes. */
  prefixes: string[]
}

const PEERS: Peer[] = [
  { server: 'h3-v2', prefixes: ['default', 'one'] },
  { server: 'express', prefixes: [''] },
]

/** @returns results by the name of the server */
export async function measurePeers(generator: LoadGenerator, settings: Settings): Promise<Map<string, RoundResults>> {
  const results = new Map<string, RoundResults>()
  for (const { server: name, prefixes } of PEERS) {
    const server = await ServerProcess.start({ entry: fileURLToPath(new URL(`peers/${name}.ts`, import.meta.url)) })
    try {
      const targets: Target[] = []
      for (const prefix of prefixes) targets.push(...await targetsOfBothSizes(server, prefix, settings.visitors))
      results.set(name, await runRounds({ server, generator }, PLAIN, targets, settings))
    }
    finally {
      await server.stop()
    }
  }
  return results
}
