import type { MicroResults } from '../micro/results.ts'
import type { Timings } from '../micro/timing.ts'
import type { Row } from './row.ts'

/** How many times faster a candidate is than another one. */
export function speedUp(timings: Timings | undefined, name: string, over: string): number {
  return (timings?.[over] ?? Number.NaN) / (timings?.[name] ?? Number.NaN)
}

/** The goals without a server. */
export function microRows({ unseal, seal, slow, growth }: MicroResults): Row[] {
  const overIron = (timings: Timings | undefined, name: string) => speedUp(timings, name, 'iron-webcrypto')
  const times = (measure: string, ours: number, must: number, aim: number): Row => ({ measure, ours, goal: { must, aim }, unit: 'times' })
  return [
    { ...times('unseal of 100 B over iron-webcrypto: seen before', overIron(unseal[100], 'seen before'), 100, 250), h3v1: 1 },
    { ...times('the same: keys cached', overIron(unseal[100], 'keys cached'), 15, 20), h3v1: 1 },
    { ...times('the same: first seen', overIron(unseal[100], 'first seen'), 8, 15), h3v1: 1 },
    { ...times('seal of 100 B over iron-webcrypto', overIron(seal[100], 'keys cached'), 15, 25), h3v1: 1 },
    times('unseal at 8192 iterations over h3 v2, keys cached', speedUp(slow, 'unseal, keys cached', 'unseal, h3 v2'), 300, 900),
    times('seal at 8192 iterations over h3 v2, keys cached', speedUp(slow, 'seal, keys cached', 'seal, h3 v2'), 300, 900),
    { measure: 'unseal, keys cached: the cost of one more byte, over the primitives', ours: growthOver(growth, 'keys cached', 'primitives of unseal'), isCost: true, unit: 'times' },
    { measure: 'seal: the cost of one more byte, over the primitives', ours: growthOver(growth, 'seal', 'primitives of seal'), isCost: true, unit: 'times' },
  ]
}

/** The growth from the smallest to the largest session, relative to that of the primitives. */
function growthOver(growth: MicroResults['growth'], name: string, over: string): number {
  const rise = (name: string) => (growth.at(-1)?.timings[name] ?? Number.NaN) - (growth[0]?.timings[name] ?? Number.NaN)
  return rise(name) / rise(over)
}
