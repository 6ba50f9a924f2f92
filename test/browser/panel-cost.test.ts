import { setTimeout as delay } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { openPanel, suiteChromium } from './support/chromium'
import { suiteDevServer } from './support/dev-server'
import type { DevtoolsServer } from './support/dev-server'

const SESSIONS = 1000
/** Short ones, by turns: what else runs on the machine changes slowly, and so meets all states alike. */
const ROUNDS = 20
/** After a page was opened or closed, what it starts or ends needs the processor. */
const SETTLE_MS = 3000
const REQUESTS = 60
/** As a developer's pages cause them. */
const INTERVAL_MS = 50
/** How often the panel fetches at most. */
const FETCH_INTERVAL_MS = 250

interface Round { times: number[], cpu: number }

describe.runIf(process.env.MEASURE_DEVTOOLS)('what the open tab costs the app', () => {
  const server = suiteDevServer()
  const newContext = suiteChromium(server)

  it('in milliseconds: the median and the 95th percentile of a request, and the processor time for each request', { timeout: 1_800_000 }, async () => {
    const visitors: string[] = []
    for (let index = 0; index < SESSIONS; index++) {
      const answer = await fetch(`${server.url}/api/cart`, { method: 'POST', redirect: 'manual', body: JSON.stringify({ item: 'x'.repeat(500) }) })
      visitors.push(answer.headers.getSetCookie()[0]!.split(';', 1)[0]!)
    }
    const context = await newContext()
    let token = ''
    context.on('request', (request) => { token ||= request.headers()['x-nuxt-session-token'] ?? '' })
    const { page, panel } = await openPanel(context)
    const tab = page.url()
    const measured: Record<string, Round[]> = { closed: [], fetched: [], open: [] }
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto('about:blank')
      await delay(SETTLE_MS)
      measured.closed!.push(await measure(server, visitors))
      // The requests of an open panel, without a browser, which needs the processor too.
      const stop = fetchLikePanel(server.url, token)
      await delay(SETTLE_MS)
      measured.fetched!.push(await measure(server, visitors))
      await stop()
      await page.goto(tab)
      await panel.getByRole('option').first().waitFor()
      await delay(SETTLE_MS)
      measured.open!.push(await measure(server, visitors))
    }
    for (const [state, rounds] of Object.entries(measured)) {
      const [median, p95] = [0.5, 0.95].map(share => medianOf(rounds.map(({ times }) => times[Math.floor(times.length * share)]!)))
      console.log(`${state}: ${median!.toFixed(1)} / ${p95!.toFixed(1)} ms, processor ${medianOf(rounds.map(({ cpu }) => cpu)).toFixed(2)} ms`)
    }
  })
})

/** The times of the requests, shortest first, and the server's processor time for each of them. */
async function measure(server: DevtoolsServer, visitors: readonly string[]): Promise<Round> {
  const before = await server.cpuTime()
  const times = await Promise.all(Array.from({ length: REQUESTS }, async (_, index) => {
    await delay(index * INTERVAL_MS)
    const start = performance.now()
    await (await fetch(`${server.url}/api/session`, { headers: { cookie: visitors[index % visitors.length]! } })).text()
    return performance.now() - start
  }))
  return { times: times.sort((a, b) => a - b), cpu: (await server.cpuTime() - before) / REQUESTS }
}

/** Returns a function that ends the requests. */
function fetchLikePanel(url: string, token: string): () => Promise<void> {
  let isEnded = false
  let cursor = ''
  const run = async () => {
    while (!isEnded) {
      const pause = delay(FETCH_INTERVAL_MS)
      const answer = await fetch(`${url}/__nuxt_session__/api/state?since=${cursor}`, { headers: { 'x-nuxt-session-token': token } })
      cursor = (await answer.json()).cursor
      await pause
    }
  }
  const running = run()
  return () => {
    isEnded = true
    return running
  }
}

function medianOf(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
