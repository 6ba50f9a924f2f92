import { STATES } from '../devtools/run.ts'
import type { DevtoolsResults, RouteResults, State } from '../devtools/run.ts'
import { median, medianInterval } from '../statistics.ts'
import { table } from './markdown.ts'
import type { Row } from './row.ts'

const TITLES: Record<State, string> = { off: 'without the tab', closed: 'closed', hidden: 'hidden', open: 'open' }

/** The goals for what the open and the hidden tab cost the app. */
export function devtoolsRows({ routes }: DevtoolsResults): Row[] {
  return routes.flatMap(route => ([['open', 1.1, 1.05], ['hidden', 1.02, 1]] as const).map(([state, must, aim]): Row => {
    const { ratio, interval } = route.latencyRatio(state, 0.95)
    return { measure: `95th percentile of ${route.title}, with the tab ${state}, relative to closed`, ours: ratio, interval, goal: { must, aim }, isCost: true, unit: 'times' }
  }))
}

/** Times and CPU of each route in each state. */
export function devtoolsTable({ routes }: DevtoolsResults): string {
  const rows = routes.flatMap(route => STATES.map(state => [
    `${route.title}: ${TITLES[state]}`, ...[0.5, 0.95].map(share => latencyOf(route, state, share)), cpuOf(route, state),
  ]))
  return table(['', 'p50', 'p95', 'CPU of a request'], rows)
}

function latencyOf(route: RouteResults, state: State, share: number): string {
  const { ratio, interval: [low, high] } = route.latencyRatio(state, share)
  return `${route.latency(state, share).toFixed(1)} ms (${withRange(ratio, low, high, state)})`
}

function cpuOf(route: RouteResults, state: State): string {
  const ratios = route.cpuRatios(state)
  const [low, high] = medianInterval(ratios)
  return `${(route.cpu(state) / 1000).toFixed(2)} ms (${withRange(median(ratios), low, high, state)})`
}

function withRange(ratio: number, low: number, high: number, state: State): string {
  return ratio.toFixed(2) + (state === 'closed' ? '' : `, ${low.toFixed(2)} to ${high.toFixed(2)}`)
}
