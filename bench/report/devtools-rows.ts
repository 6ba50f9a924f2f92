import { STATES } from '../devtools/run.ts'
import type { DevtoolsResults, RouteResults, State } from '../devtools/run.ts'
import { median, medianInterval } from '../statistics.ts'
import { table } from './markdown.ts'
import type { Row } from './row.ts'

const TITLES: Record<State, string> = { off: 'without the tab', closed: 'closed', hidden: 'hidden', open: 'open' }

/** The goals for what the open and the hidden tab cost the app. */
export function devtoolsRows({ routes }: DevtoolsResults): Row[] {
  return routes.flatMap(route => ([['open', 1.1, 1.05], ['hidden', 1.02, 1]] as const).map(([state, must, aim]): Row => ({
    measure: `95th percentile of ${route.title}, with the tab ${state}, relative to closed`,
    ours: route.latency(state, 0.95) / route.latency('closed', 0.95), goal: { must, aim }, isCost: true, unit: 'times',
  })))
}

/** Times and CPU of each route in each state. */
export function devtoolsTable({ routes }: DevtoolsResults): string {
  const rows = routes.flatMap(route => STATES.map(state => [
    `${route.title}: ${TITLES[state]}`, ...[0.5, 0.95].map(share => latencyOf(route, state, share)), cpuOf(route, state),
  ]))
  return table(['', 'p50', 'p95', 'CPU of a request'], rows)
}

function latencyOf(route: RouteResults, state: State, share: number): string {
  const time = route.latency(state, share)
  return `${time.toFixed(1)} ms (${(time / route.latency('closed', share)).toFixed(2)})`
}

function cpuOf(route: RouteResults, state: State): string {
  const ratios = route.cpuRatios(state)
  const [low, high] = medianInterval(ratios)
  const range = state === 'closed' ? '' : `, ${low.toFixed(2)} to ${high.toFixed(2)}`
  return `${(route.cpu(state) / 1000).toFixed(2)} ms (${median(ratios).toFixed(2)}${range})`
}
