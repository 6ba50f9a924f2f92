import type { Settings } from '../settings.ts'
import { median, percentile } from '../statistics.ts'
import { forgeFresh } from './forgery.ts'
import { LoadGenerator } from './load/generator.ts'
import type { LoadJob } from './load/job.ts'
import { PLAIN } from './target-groups.ts'
import { measureTarget } from './target.ts'
import type { Bench, Target } from './target.ts'

/** The plain route during a flood, relative to the time before and after. */
interface Suffering { p99: number, throughput: number }

export interface FloodResult {
  /** The plain route at 500 requests a second: shows how long the flood blocks. */
  steady: Suffering
  /** The same while the attacker sends no cookies, to the plain route: what any flood costs on two cores. */
  floor: Suffering
  /** The plain route at full speed. On two cores, the flood's own work also takes a part of them. */
  saturated: Suffering
  /** Forged cookies handled per second, beside the steady load. */
  forgedPerSecond: number
}

type Flood = Pick<LoadJob, 'url' | 'cookies'>

const STEADY: Target = { ...PLAIN, pace: 2 }

/**
 * How long other visitors wait while an attacker sends forged cookies, each with fresh salts, to a route with 8192
 * iterations. The attacker has as many connections as the plain route, and sends requests at full speed.
 */
export async function measureFlood(bench: Bench, settings: Settings): Promise<FloodResult> {
  const attacker = new LoadGenerator()
  const forged = (): Flood => ({
    url: `${bench.server.url}/slow/read`,
    cookies: Array.from({ length: settings.tokens }, () => forgeFresh('slow')),
  })
  const plain = (): Flood => ({ url: `${bench.server.url}${PLAIN.path}`, cookies: [] })
  try {
    for (const target of [PLAIN, STEADY]) await measureTarget(bench, target, settings.warmUpSeconds, settings.connections)
    const { perSecond: forgedPerSecond, ...steady } = await measureSuffering(bench, attacker, STEADY, forged, settings)
    const floor = await measureSuffering(bench, attacker, STEADY, plain, settings)
    const saturated = await measureSuffering(bench, attacker, PLAIN, forged, settings)
    return { steady, floor, saturated, forgedPerSecond }
  }
  finally {
    attacker.stop()
  }
}

async function measureSuffering(
  bench: Bench, attacker: LoadGenerator, target: Target, flood: () => Flood, { flood: { rounds }, seconds, connections }: Settings,
): Promise<Suffering & { perSecond: number }> {
  const measure = () => measureTarget(bench, target, seconds, connections)
  const latencies = { quiet: [] as number[], flood: [] as number[] }
  const samples: { throughput: number, perSecond: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const before = await measure()
    const flooding = attacker.run({ ...flood(), connections, amount: { seconds: seconds + 1 }, keepsCookies: false })
    await new Promise(resolve => setTimeout(resolve, 500))
    const during = await measure()
    const { perSecond } = await flooding
    const quiet = [before, await measure()]
    // A round has only a few requests above its own percentile, so those of all rounds count.
    latencies.quiet.push(...quiet.flatMap(sample => sample.latencies))
    latencies.flood.push(...during.latencies)
    samples.push({ throughput: during.perSecond / median(quiet.map(sample => sample.perSecond)), perSecond })
  }
  return {
    p99: percentile(latencies.flood, 0.99) / percentile(latencies.quiet, 0.99),
    throughput: median(samples.map(sample => sample.throughput)),
    perSecond: median(samples.map(sample => sample.perSecond)),
  }
}
