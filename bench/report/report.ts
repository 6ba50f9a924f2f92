import type { MacroResults } from '../macro/run.ts'
import type { MicroResults } from '../micro/results.ts'
import type { Settings } from '../settings.ts'
import { median } from '../statistics.ts'
import { describeMachine } from './machine.ts'
import { macroRows } from './macro-rows.ts'
import { microRows } from './micro-rows.ts'
import { goalsTable, growthTable, microTable, peersTable, serversTable, slowTable } from './tables.ts'

/** Of a core; a server at full load that gets less shares its core with somebody. */
const QUIET_LOAD = 0.9

export interface Results { micro?: MicroResults, macro?: MacroResults }

/** The whole report in Markdown. */
export function renderReport({ micro, macro }: Results, settings: Settings, now: Date): string {
  const rows = [...macro ? macroRows(macro) : [], ...micro ? microRows(micro) : []]
  const sections = [
    '# Benchmark',
    `Written by \`npm run bench\`${settings.name === 'short' ? ' in its short form, whose figures mean little' : ''}. Every figure is a ratio within this run: the machine's own speed and what else it did cancel out.`,
    describeMachine(now).join('\n'),
    '## Goals',
    goalsTable(rows),
    ...macro ? macroSections(macro, settings) : [],
    ...micro ? microSections(micro) : [],
  ]
  return `${sections.join('\n\n')}\n`
}

function macroSections(macro: MacroResults, settings: Settings): string[] {
  const { rounds, seconds, settleSeconds, connections, visitors, sideBySide } = settings
  return [
    `In brackets: between what the median lies with 95 % confidence, over ${sideBySide.rounds} rounds of ${sideBySide.seconds} s.`,
    '## Session libraries',
    'Throughput of a route with a session over that of the plain route of the same server, and CPU time of a request over that of the plain route.',
    peersTable(macro),
    '## Servers under load',
    `autocannon in a process of its own, ${connections} connections with keep-alive, ${rounds} rounds of ${seconds} s for each route after ${settleSeconds} s that are not counted, the plain route measured after every third. Reading requests are spread over ${visitors} sessions; on writing routes each connection is a browser that keeps the cookies it is sent. A flood of forged tokens got ${macro.flood.forgedPerSecond.toFixed(0)} answers a second, and the plain route kept ${(100 * macro.flood.saturated.throughput).toFixed(0)} % of its full throughput meanwhile.`,
    serversTable(macro),
    ...settings.name === 'full' ? noiseNote(macro) : [],
  ]
}

/** A server that could not have its core was not measured alone. */
function noiseNote({ app }: MacroResults): string[] {
  const load = median(app.baselines.map(sample => sample.serverLoad ?? 1))
  if (load > QUIET_LOAD) return []
  return [`**Something else needed the machine:** the Nitro server got ${load.toFixed(2)} of a core at full load, where alone it has a whole one. Trust the columns of CPU time, and run it again for the rest.`]
}

function microSections(micro: MicroResults): string[] {
  return [
    '## Seals in isolation',
    'Ours: *seen before* is the same token again, *keys cached* are different tokens with the same salts and without the token cache, *first seen* are tokens with salts of their own.',
    microTable(micro),
    slowTable(micro),
    '### Growth with size',
    '*Primitives*: the JSON, base64, AES and HMAC that no seal of this form can do without.',
    growthTable(micro),
  ]
}
