import { loadavg } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { LoadGenerator } from '../macro/load/generator.ts'
import { measureTarget } from '../macro/target.ts'
import type { Target } from '../macro/target.ts'
import { sessionRecord } from '../session-data.ts'
import type { Settings } from '../settings.ts'
import { bootstrapInterval, median, percentile } from '../statistics.ts'
import { leaveCore } from './cores.ts'
import { DevServer } from './dev-server.ts'
import { Tab } from './tab.ts'

/** `off`: on a second server, which records nothing. Neighbours differ by one step, so that rounds can run back and forth. */
export const STATES = ['off', 'closed', 'open', 'hidden'] as const
export type State = typeof STATES[number]

/** Routes of the app, and requests a second as a developer's pages cause them. `times`: how much longer a round is, because a 95th percentile needs many requests. */
const LOADS: readonly (Pick<Target, 'name' | 'path' | 'keepsCookies'> & { rate: number, times?: number })[] = [
  { name: 'read', path: '/api/cart', rate: 20 },
  { name: 'read', path: '/api/cart', rate: 100 },
  { name: 'write', path: '/api/add', rate: 20, keepsCookies: true },
  { name: 'page', path: '/', rate: 10, times: 5 },
]
const SESSION_BYTES = 600
const CONNECTIONS = 16

/** The milliseconds of each response in a round, and its microseconds of CPU for each request. */
interface Round { latencies: readonly number[], cpu: number }

/** A route at a rate, in each state. */
export class RouteResults {
  readonly title: string
  readonly #rounds = Object.fromEntries(STATES.map(state => [state, [] as Round[]])) as Record<State, Round[]>

  constructor(title: string) {
    this.title = title
  }

  add(state: State, latencies: readonly number[], cpu = Number.NaN): void {
    this.#rounds[state].push({ latencies, cpu })
  }

  /** Milliseconds, of all rounds. */
  latency(state: State, share: number): number { return latencyOf(this.#rounds[state], share) }

  /** The latency relative to that with the tab closed, with its confidence interval. */
  latencyRatio(state: State, share: number): { ratio: number, interval: [low: number, high: number] } {
    const pairs = this.#rounds[state].map((round, index) => ({ round, closed: this.#rounds.closed[index]! }))
    const ratio = (drawn: typeof pairs) => latencyOf(drawn.map(({ round }) => round), share) / latencyOf(drawn.map(({ closed }) => closed), share)
    return { ratio: ratio(pairs), interval: bootstrapInterval(pairs, ratio) }
  }

  /** Microseconds for each request. */
  cpu(state: State): number { return median(this.#rounds[state].map(({ cpu }) => cpu)) }

  /** Each round's CPU time for a request, relative to the same round with the tab closed. */
  cpuRatios(state: State): number[] {
    return this.#rounds[state].map(({ cpu }, round) => cpu / this.#rounds.closed[round]!.cpu)
  }
}

function latencyOf(rounds: readonly Round[], share: number): number {
  return percentile(rounds.flatMap(({ latencies }) => latencies), share)
}

export interface DevtoolsResults {
  routes: RouteResults[]
  /** Processes that wanted a core, in the minute before. */
  load: number
}

/** What the tab "Sessions" costs the app, open, hidden and closed. @param log gets the name of each round */
export async function measureDevtools(generator: LoadGenerator, { devtools }: Settings, log: (text: string) => void): Promise<DevtoolsResults> {
  const [load = Number.NaN] = loadavg()
  const started: { stop: () => Promise<void> }[] = []
  const keep = <T extends { stop: () => Promise<void> }>(item: T) => {
    started.push(item)
    return item
  }
  leaveCore(generator.pid)
  try {
    const servers = { off: keep(await DevServer.start('without-tab')), on: keep(await DevServer.start('with-tab')) }
    const { data } = sessionRecord(SESSION_BYTES, Date.now())
    const cookies = { off: await servers.off.visitors(devtools.sessions, data), on: await servers.on.visitors(devtools.sessions, data) }
    const tab = keep(await Tab.launch(servers.on))
    const routes = LOADS.map(({ name, rate }) => new RouteResults(`${name}, ${rate} a second`))
    // The first round warms up.
    for (let round = -1; round < devtools.rounds; round++) {
      log(round < 0 ? 'warming up' : `round ${round + 1} of ${devtools.rounds}`)
      for (const state of round % 2 === 0 ? STATES : STATES.toReversed()) {
        if (state !== 'off') await tab.become(state)
        await delay(devtools.settleSeconds * 1000)
        for (const [index, { rate, times = 1, ...target }] of LOADS.entries()) {
          const server = state === 'off' ? 'off' : 'on'
          // Rotated, so that the requests of a turn are not those of the turn before.
          const visitors = rotate(cookies[server], Math.floor(Math.random() * devtools.sessions))
          const { latencies, cpuPerRequest } = await measureTarget({ server: servers[server], generator }, { ...target, cookies: visitors, pace: 1000 / rate }, devtools.seconds * times, CONNECTIONS)
          if (round >= 0) routes[index]!.add(state, latencies, cpuPerRequest)
        }
      }
    }
    return { routes, load }
  }
  finally {
    for (const item of started.toReversed()) await item.stop()
  }
}

function rotate<T>(values: readonly T[], by: number): T[] {
  return [...values.slice(by), ...values.slice(0, by)]
}
