import type { Settings } from '../settings.ts'
import { median } from '../statistics.ts'
import { PLAIN } from './app-targets.ts'
import { forgeFresh } from './forgery.ts'
import { LoadGenerator } from './load/generator.ts'
import { measureTarget } from './target.ts'
import type { Bench, Sample, Target } from './target.ts'

/** The plain route during a flood, relative to the time before and after. */
interface Suffering { p99: number, throughput: number }

export interface FloodResult {
  /** The plain route at 500 requests a second: shows how long the flood blocks. */
  steady: Suffering
  /** The plain route at full speed. On two cores, the flood's own work also takes a part of them. */
  saturated: Suffering
  /** Forged cookies handled per second, beside the steady load. */
  forgedPerSecond: number
}

const STEADY: Target = { ...PLAIN, pace: 2 }

/**
 * How long other visitors wait while an attacker sends forged cookies, each with fresh salts, to a route with 8192
 * iterations. The attacker has as many connections as the plain route, and sends requests at full speed.
 */
export async function measureFlood(bench: Bench, settings: Settings): Promise<FloodResult> {
  const attacker = new LoadGenerator()
  try {
    const steady = await measureSuffering(bench, attacker, STEADY, settings)
    const saturated = await measureSuffering(bench, attacker, PLAIN, settings)
    return { steady, saturated, forgedPerSecond: steady.forgedPerSecond }
  }
  finally {
    attacker.stop()
  }
}

async function measureSuffering(
  bench: Bench, attacker: LoadGenerator, target: Target, { rounds, seconds, connections, tokens }: Settings,
): Promise<Suffering & { forgedPerSecond: number }> {
  const flood = () => attacker.run({
    url: `${bench.server.url}/slow/read`, connections, amount: { seconds: seconds + 1 }, keepsCookies: false,
    cookies: Array.from({ length: tokens }, () => forgeFresh('slow')),
  })
  const measure = () => measureTarget(bench, target, seconds, connections)
  const samples: { p99: number, throughput: number, forged: number }[] = []
  for (let round = 0; round < rounds; round++) {
    const before = await measure()
    const flooding = flood()
    await new Promise(resolve => setTimeout(resolve, 500))
    const during = await measure()
    const { perSecond } = await flooding
    const quiet = [before, await measure()]
    const over = (of: (sample: Sample) => number) => of(during) / median(quiet.map(of))
    samples.push({ p99: over(sample => sample.p99), throughput: over(sample => sample.perSecond), forged: perSecond })
  }
  return {
    p99: median(samples.map(sample => sample.p99)),
    throughput: median(samples.map(sample => sample.throughput)),
    forgedPerSecond: median(samples.map(sample => sample.forged)),
  }
}
