import { HAS_OWN_CORE } from '../devtools/cores.ts'
import type { DevtoolsResults } from '../devtools/run.ts'
import type { MacroResults } from '../macro/run.ts'
import type { MicroResults } from '../micro/results.ts'
import type { Settings } from '../settings.ts'
import type { WeightResults } from '../weight/run.ts'
import { median } from '../statistics.ts'
import { devtoolsRows, devtoolsTable } from './devtools-rows.ts'
import { describeMachine } from './machine.ts'
import { macroRows } from './macro-rows.ts'
import { microRows } from './micro-rows.ts'
import { weightRows, weightTable } from './weight-rows.ts'
import { goalsTable, growthTable, microTable, peersTable, serversTable, slowTable } from './tables.ts'

/** Share of a core. A server at full load that gets less shares its core with another process. */
const QUIET_LOAD = 0.9

export interface Results { micro?: MicroResults, macro?: MacroResults, weight?: WeightResults, devtools?: DevtoolsResults }

/** The whole report in Markdown. */
export function renderReport({ micro, macro, weight, devtools }: Results, settings: Settings, now: Date): string {
  const rows = [...macro ? macroRows(macro) : [], ...micro ? microRows(micro) : [], ...weight ? weightRows(weight) : [], ...devtools ? devtoolsRows(devtools) : []]
  const sections = [
    '# Benchmark',
    `Written by \`npm run bench\`${settings.name === 'short' ? ' in its short form, whose figures mean little' : ''}. Every figure is a ratio within this run, so that the speed and the other load of the machine cancel out.`,
    describeMachine(now).join('\n'),
    '## Goals',
    goalsTable(rows),
    ...macro ? macroSections(macro, settings) : [],
    ...micro ? microSections(micro) : [],
    ...weight ? weightSections(weight, settings) : [],
    ...devtools ? devtoolsSections(devtools, settings) : [],
  ]
  return `${sections.join('\n\n')}\n`
}

function macroSections(macro: MacroResults, settings: Settings): string[] {
  const { servers, rounds, seconds, settleSeconds, connections, visitors, sideBySide } = settings
  return [
    `In brackets, beside @fastify/secure-session: the 95 % confidence interval of the median, over ${sideBySide.rounds} rounds of ${sideBySide.seconds} s on each of ${servers} pairs of servers.`,
    '## Session libraries',
    'Throughput of a route with a session relative to the plain route of the same server, and CPU time of a request relative to the plain route.',
    peersTable(macro),
    '## Servers under load',
    `autocannon in a separate process, ${connections} connections with keep-alive, ${rounds} rounds of ${seconds} s for each route after ${settleSeconds} s that do not count, between rounds of the plain route, on each of ${servers} servers. Each library and size of session has servers of its own. Requests of reading routes are spread over ${visitors} sessions. On writing routes each connection keeps the cookies that it receives, like a browser. A flood of forged tokens got ${macro.flood.forgedPerSecond.toFixed(0)} responses a second, and the plain route kept ${(100 * macro.flood.saturated.throughput).toFixed(0)} % of its full throughput in the meantime.`,
    serversTable(macro),
    ...settings.name === 'full' ? noiseNote(macro) : [],
  ]
}

function weightSections(weight: WeightResults, { weight: { starts, heaps, rounds } }: Settings): string[] {
  return [
    '## New apps',
    `A new Nuxt app with a route and a page, and the same with a session in the route. Bytes: each file of the build compressed by gzip -9, not minified on the server, packages included if they are loaded; *loaded* by a visitor who comes back and opens the page. Start: the median of ${starts} by turns. Heap: after a garbage collection, the median of ${heaps}. CPU: ${rounds} rounds by turns.`,
    weightTable(weight),
  ]
}

function devtoolsSections(results: DevtoolsResults, { devtools: { rounds, seconds, sessions } }: Settings): string[] {
  return [
    '## The tab "Sessions" of DevTools',
    `\`nuxt dev\` with ${sessions} sessions; requests at a steady pace, ${rounds} rounds of ${seconds} s by turns, of pages longer. *Without the tab*: \`session: { devtools: false }\`, a second server, so nothing is recorded. *Hidden*: another tab of DevTools is shown. In brackets: relative to the closed tab, with the 95 % confidence interval. CPU is that of the development server with all its threads. ${HAS_OWN_CORE ? 'The servers have one core, Chromium and the requests the others; Chromium runs only while nothing else wants them.' : 'Chromium runs on the same cores, at the lowest priority.'} Load of the machine at the start: ${results.load.toFixed(1)}.`,
    devtoolsTable(results),
  ]
}

/** Warns if the server shared its core with another process. */
function noiseNote({ app }: MacroResults): string[] {
  const load = median(app.baselines.map(sample => sample.serverLoad ?? 1))
  if (load > QUIET_LOAD) return []
  return [`**The machine was busy:** the Nitro server got ${load.toFixed(2)} of a core at full load, instead of a whole one. Trust the columns of CPU time, and run it again for the rest.`]
}

function microSections(micro: MicroResults): string[] {
  return [
    '## Seals in isolation',
    'Ours: *seen before* is the same token again, *keys cached* are different tokens with the same salts and without the token cache, *first seen* are tokens with fresh salts.',
    microTable(micro),
    slowTable(micro),
    '### Growth with size',
    '*Primitives*: the JSON, base64, AES and HMAC that every seal in this format needs.',
    growthTable(micro),
  ]
}
