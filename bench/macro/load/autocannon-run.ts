import autocannon from 'autocannon'
import type { Client, Request } from 'autocannon'
import { CookieJar } from './cookie-jar.ts'
import type { LoadJob } from './job.ts'

/** The responses, before they are summed up. */
export interface Answers {
  /** Milliseconds of each response. */
  latencies: number[]
  /** Responses without success, errors and timeouts. */
  failures: number
  /** Milliseconds from the start to the last response. */
  elapsed: number
}

/** Every connection sends its next request as soon as it has a response. */
export async function runAutocannon({ url, connections, amount, cookies, keepsCookies, deviceTokens }: LoadJob): Promise<Answers> {
  const requests = keepsCookies ? [] : requestsOf(cookies, deviceTokens)
  const latencies: number[] = []
  let start = Infinity
  let end = start
  let index = 0
  const tracker = autocannon({
    url,
    connections,
    sampleInt: 20,
    ...'seconds' in amount ? { duration: amount.seconds } : { amount: amount.requests },
    setupClient(client) {
      if (cookies.length === 0) return
      if (keepsCookies) behaveAsBrowser(client, cookies[index % cookies.length] ?? '')
      else client.setRequests(requests.filter((_, at) => at % Math.min(connections, cookies.length) === index % cookies.length))
      index++
    },
  })
  // Preparing the requests takes a while. The first connections have sent theirs by then.
  tracker.on('start', () => { start = performance.now() })
  tracker.on('response', (_client, _status, _bytes, milliseconds) => {
    end = performance.now()
    if (end - milliseconds >= start) latencies.push(milliseconds)
  })
  const { statusCodeStats, errors, timeouts } = await tracker
  // After 60 failed attempts, a session has to wait.
  const isSuccess = (status: string) => deviceTokens ? status === '403' || status === '503' : status.startsWith('2')
  const others = Object.entries(statusCodeStats).reduce((sum, [status, { count }]) => isSuccess(status) ? sum : sum + count, 0)
  return { latencies, failures: others + errors + timeouts, elapsed: end - start }
}

function behaveAsBrowser(client: Client, cookie: string): void {
  const jar = new CookieJar(cookie)
  client.setHeaders({ cookie: jar.header })
  client.on('headers', ({ headers }) => {
    if (jar.receive(headers)) client.setHeaders({ cookie: jar.header })
  })
}

function requestsOf(cookies: string[], deviceTokens: string[] | undefined): Request[] {
  return cookies.map((cookie, at): Request => {
    const token = deviceTokens?.[at]
    return token === undefined ? { headers: { cookie } } : { method: 'POST', headers: { cookie, 'secure-session-response': token } }
  })
}
