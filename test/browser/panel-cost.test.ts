import { setTimeout as delay } from 'node:timers/promises'
import { describe, it } from 'vitest'
import { openPanel, suiteChromium } from './support/chromium'
import { suiteDevServer } from './support/dev-server'

const SESSIONS = 1000
const ROUNDS = 5
const REQUESTS = 200
/** As a developer's pages cause them. */
const INTERVAL_MS = 50

describe.runIf(process.env.MEASURE_DEVTOOLS)('what the open tab costs the app', () => {
  const server = suiteDevServer()
  const newContext = suiteChromium(server)

  it('in milliseconds at the median and the 95th percentile', { timeout: 600_000 }, async () => {
    const visitors: string[] = []
    for (let index = 0; index < SESSIONS; index++) {
      const answer = await fetch(`${server.url}/api/cart`, { method: 'POST', redirect: 'manual', body: JSON.stringify({ item: 'x'.repeat(500) }) })
      visitors.push(answer.headers.getSetCookie()[0]!.split(';', 1)[0]!)
    }
    const context = await newContext()
    const { page } = await openPanel(context)
    const times = { open: [] as number[], closed: [] as number[] }
    const tab = page.url()
    for (let round = 0; round < ROUNDS; round++) {
      await page.goto('about:blank')
      times.closed.push(...await measure(server.url, visitors))
      await page.goto(tab)
      await page.frameLocator('iframe[src*="__nuxt_session__"]').getByRole('option').first().waitFor()
      await delay(1000)
      times.open.push(...await measure(server.url, visitors))
    }
    for (const [state, all] of Object.entries(times)) {
      all.sort((a, b) => a - b)
      console.log(`${state}: ${[0.5, 0.95].map(share => all[Math.floor(all.length * share)]!.toFixed(1)).join(' / ')} ms`)
    }
  })
})

async function measure(url: string, visitors: readonly string[]): Promise<number[]> {
  const requests = Array.from({ length: REQUESTS }, async (_, index) => {
    await delay(index * INTERVAL_MS)
    const start = performance.now()
    await (await fetch(`${url}/api/session`, { headers: { cookie: visitors[index % visitors.length]! } })).text()
    return performance.now() - start
  })
  return Promise.all(requests)
}
