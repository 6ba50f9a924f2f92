import { fileURLToPath } from 'node:url'
import type { Settings } from '../settings.ts'
import { LARGE, SMALL, sessionGroup } from './app-targets.ts'
import type { LoadGenerator } from './load/generator.ts'
import type { RoundResults } from './rounds.ts'
import { measureGroups } from './target-groups.ts'

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
  for (const { server, prefixes } of PEERS) {
    const groups = prefixes.flatMap(prefix => [SMALL, LARGE].map(bytes => sessionGroup(prefix, bytes)))
    results.set(server, await measureGroups(fileURLToPath(new URL(`peers/${server}.ts`, import.meta.url)), groups, generator, settings))
  }
  return results
}
