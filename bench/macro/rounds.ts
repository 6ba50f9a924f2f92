import type { Settings } from '../settings.ts'
import { median } from '../statistics.ts'
import { measureTarget } from './target.ts'
import type { Bench, Sample, Target } from './target.ts'

const TARGETS_BETWEEN_BASELINES = 3

/** A route in one round, relative to the baseline just before and after it. */
interface Comparison {
  throughput: number
  p99: number
  cpu: number
}

/**
 * The results of all rounds. Every figure is the median over the rounds of a ratio within a round, so that
 * changes in the machine's speed between rounds do not matter.
 */
export class RoundResults {
  readonly baselines: Sample[] = []
  readonly #comparisons = new Map<string, Comparison[]>()

  get names(): string[] { return [...this.#comparisons.keys()] }

  add(name: string, sample: Sample, baselines: [Sample, Sample]): void {
    const mean = (of: (sample: Sample) => number) => (of(baselines[0]) + of(baselines[1])) / 2
    const cpuOf = (sample: Sample) => sample.cpuPerRequest ?? Number.NaN
    append(this.#comparisons, name, {
      throughput: sample.perSecond / mean(baseline => baseline.perSecond),
      p99: sample.p99 / mean(baseline => baseline.p99),
      cpu: cpuOf(sample) / mean(cpuOf),
    })
  }

  has(name: string): boolean { return this.#comparisons.has(name) }

  /** Each round's throughput relative to the baseline's. */
  ratios(name: string): number[] { return this.#compared(name).map(comparison => comparison.throughput) }

  throughput(name: string): number { return median(this.ratios(name)) }

  /** The 99th percentile of the latency, relative to the baseline's. */
  p99(name: string): number { return median(this.#compared(name).map(comparison => comparison.p99)) }

  /** CPU time of a request relative to the baseline's. Unlike the throughput, it ignores other load on the machine. */
  cpu(name: string): number { return median(this.#compared(name).map(comparison => comparison.cpu)) }

  /** The throughput of one route relative to another's. */
  between(name: string, other: string): number { return median(this.ratiosBetween(name, other)) }

  /** The value of each round, of this server or of one measured in turns with it. */
  ratiosBetween(name: string, other: string, theirs: RoundResults = this): number[] {
    const others = theirs.ratios(other)
    return this.ratios(name).map((ratio, round) => ratio / (others[round] ?? Number.NaN))
  }

  #compared(name: string): Comparison[] { return this.#comparisons.get(name) ?? [] }
}

/**
 * Measures the targets in turn, several times, with the baseline in between.
 * `results` is where they are added.
 */
export async function runRounds(bench: Bench, baseline: Target, targets: Target[], settings: Settings, results: RoundResults): Promise<void> {
  const rounds = new Rounds(bench, baseline, targets, settings, results)
  await rounds.warmUp()
  for (let round = 0; round < settings.rounds; round++) await rounds.measure(round)
}

/** The rounds of one server, to run them in turns with another server's. */
export class Rounds {
  readonly #results: RoundResults
  readonly #bench: Bench
  readonly #baseline: Target
  readonly #targets: Target[]
  readonly #settings: Settings

  constructor(bench: Bench, baseline: Target, targets: Target[], settings: Settings, results: RoundResults) {
    this.#results = results
    this.#bench = bench
    this.#baseline = baseline
    this.#targets = targets
    this.#settings = settings
  }

  async warmUp(): Promise<void> {
    for (const target of [this.#baseline, ...this.#targets]) await this.#ask(target, this.#settings.warmUpSeconds)
  }

  async measure(round: number): Promise<void> {
    let before = await this.#sample(this.#baseline)
    for (const group of groups(rotate(this.#targets, round))) {
      const samples: [string, Sample][] = []
      for (const target of group) samples.push([target.name, await this.#sample(target)])
      const after = await this.#sample(this.#baseline)
      for (const [name, sample] of samples) this.#results.add(name, sample, [before, after])
      this.#results.baselines.push(before)
      before = after
    }
  }

  async #sample(target: Target): Promise<Sample> {
    const { seconds, settleSeconds } = this.#settings
    // From the other end, so that tokens that must be new to every cache are not sent twice.
    await this.#ask({ ...target, cookies: target.cookies.toReversed() }, settleSeconds)
    return this.#ask(target, seconds)
  }

  #ask(target: Target, duration: number): Promise<Sample> {
    return measureTarget(this.#bench, target, duration, this.#settings.connections)
  }
}

function append<V>(map: Map<string, V[]>, key: string, value: V): void {
  map.set(key, [...map.get(key) ?? [], value])
}

/** Rotates the targets in each round, so that none is always the first. */
function rotate<V>(values: V[], by: number): V[] {
  const at = values.length === 0 ? 0 : by % values.length
  return [...values.slice(at), ...values.slice(0, at)]
}

function groups<V>(values: V[]): V[][] {
  const count = Math.ceil(values.length / TARGETS_BETWEEN_BASELINES)
  return Array.from({ length: count }, (_, index) => values.slice(index * TARGETS_BETWEEN_BASELINES, (index + 1) * TARGETS_BETWEEN_BASELINES))
}
