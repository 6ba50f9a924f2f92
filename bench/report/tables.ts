import { LARGE, SMALL, targetName } from '../macro/app-targets.ts'
import type { RoundResults } from '../macro/rounds.ts'
import type { MacroResults } from '../macro/run.ts'
import type { MicroResults } from '../micro/results.ts'
import type { Timings } from '../micro/timing.ts'
import { median, spread } from '../statistics.ts'
import { table } from './markdown.ts'
import { speedUp } from './micro-rows.ts'
import { formatFigure, formatOurs, verdict } from './row.ts'
import type { Row } from './row.ts'

export function goalsTable(rows: Row[]): string {
  return table(['measure', 'must', 'aim', 'h3 v1', 'ours', 'met?'], rows.map((row) => {
    const figure = (value: number | undefined) => formatFigure(value, row.unit)
    return [row.measure, figure(row.goal?.must), figure(row.goal?.aim), figure(row.h3v1), formatOurs(row), verdict(row)]
  }))
}

/** Every session library, relative to the plain route of its server. The two measured in turns come last. */
export function peersTable({ app, peers, sideBySide }: MacroResults): string {
  const of = (name: string, results: RoundResults | undefined, prefix: string) => [name, ...peerFigures(results, prefix)]
  return table(['library', 'read 100 B', 'read 1 KB', 'write 100 B', 'write 1 KB', 'CPU, read 100 B', 'CPU, read 1 KB', 'CPU, write 100 B', 'CPU, write 1 KB'], [
    of('**ours**', app, 'ours'),
    of('**ours**, `caches: false`', app, 'uncached'),
    of('h3 v1', app, 'h3-v1'),
    of('nuxt-auth-utils', app, 'auth-utils'),
    of('iron-session', app, 'iron-session'),
    of('h3 v2, its 8192 iterations', peers.get('h3-v2'), 'default'),
    of('h3 v2, 1 iteration', peers.get('h3-v2'), 'one'),
    of('express-session, MemoryStore', peers.get('express'), ''),
    of('@fastify/secure-session, in turns with the next', sideBySide.secureSession, ''),
    of('**ours**, `caches: \'keys\'`', sideBySide.ours, 'keys'),
  ])
}

function peerFigures(results: RoundResults | undefined, prefix: string): string[] {
  const names = (['read', 'write'] as const).flatMap(action => [SMALL, LARGE].map(bytes => targetName(prefix, action, bytes)))
  return [
    ...names.map(name => formatFigure(results?.throughput(name), 'share')),
    ...names.map(name => formatFigure(results?.cpu(name), 'times')),
  ]
}

/** The load of each server, which shows whether the server or the load generator was the limit. */
export function serversTable({ app, peers, sideBySide }: MacroResults): string {
  const byTurns = [['fastify, in turns with the next', sideBySide.secureSession], ['Nitro', sideBySide.ours]] as const
  const rows = [['Nitro', app] as const, ...peers, ...byTurns].map(([name, results]) => {
    const { baselines } = results
    const of = (values: (number | undefined)[]) => median(values.map(value => value ?? Number.NaN)).toFixed(2)
    return [
      name,
      median(baselines.map(sample => sample.perSecond)).toFixed(0),
      of(baselines.map(sample => sample.p99)),
      of(baselines.map(sample => sample.serverLoad)),
      of(baselines.map(sample => sample.generatorLoad)),
      `${(100 * median(results.names.map(name => spread(results.ratios(name))))).toFixed(0)} %`,
    ]
  })
  return table(['server', 'plain, requests a second', 'p99, ms', 'cores of the server', 'cores of the load', 'spread of the ratios'], rows)
}

export function microTable({ unseal, seal }: MicroResults): string {
  const rows = (action: string, bySize: Record<number, Timings>) => Object.keys(bySize[SMALL] ?? {}).map(name => [
    `${action}: ${name}`,
    ...[SMALL, LARGE].flatMap(bytes => [
      microseconds(bySize[bytes]?.[name]),
      formatFigure(speedUp(bySize[bytes], name, 'iron-webcrypto'), 'times'),
      formatFigure(speedUp(bySize[bytes], name, '@hapi/iron'), 'times'),
    ]),
  ])
  const head = (size: string) => [`${size}, µs`, 'over iron-webcrypto', 'over @hapi/iron']
  return table(['10th percentile', ...head('100 B'), ...head('1 KB')], [...rows('unseal', unseal), ...rows('seal', seal)])
}

export function slowTable({ slow }: MicroResults): string {
  return table(['8192 iterations, 100 B, 10th percentile', 'µs'], Object.keys(slow).map(name => [name, microseconds(slow[name])]))
}

export function growthTable({ growth }: MicroResults): string {
  const names = Object.keys(growth[0]?.timings ?? {})
  return table(['µs, 10th percentile', ...growth.map(({ bytes }) => `${bytes} B`)], names.map(name =>
    [name, ...growth.map(({ timings }) => microseconds(timings[name]))]))
}

function microseconds(nanoseconds = Number.NaN): string {
  const value = nanoseconds / 1000
  return value.toFixed(value < 100 ? 2 : 0)
}
