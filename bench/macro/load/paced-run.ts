import { Agent, get } from 'node:http'
import type { Answers } from './autocannon-run.ts'
import { CookieJar } from './cookie-jar.ts'
import type { LoadJob } from './job.ts'

/** A server that does not answer must not stop the benchmark for ever. */
const TIMEOUT_MS = 30_000

/** Sends requests at a steady pace, so that a late response does not delay the next request. */
export async function runPaced({ url, connections, amount, cookies, keepsCookies }: LoadJob, pace: number): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const count = 'seconds' in amount ? Math.round(amount.seconds * 1000 / pace) : amount.requests
  const jars = cookies.map(cookie => new CookieJar(cookie))
  const latencies: number[] = []
  let failures = 0
  const start = performance.now()
  const pending: Promise<void>[] = []
  while (pending.length < count) {
    await until(start + pending.length * pace)
    const sent = performance.now()
    const jar = jars[pending.length % jars.length]
    pending.push(ask(url, agent, jar, keepsCookies).then((isSuccess) => {
      latencies.push(performance.now() - sent)
      if (!isSuccess) failures++
    }))
  }
  await Promise.all(pending)
  const elapsed = performance.now() - start
  agent.destroy()
  return { latencies, failures, elapsed }
}

async function until(time: number): Promise<void> {
  const wait = time - performance.now()
  if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait))
}

function ask(url: string, agent: Agent, jar: CookieJar | undefined, keepsCookies: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent, headers: jar && { cookie: jar.header }, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
      if (keepsCookies) jar?.receive(response.rawHeaders)
      response.resume().on('end', () => resolve(response.statusCode === 200)).on('error', () => resolve(false))
    }).on('error', () => resolve(false))
  })
}
