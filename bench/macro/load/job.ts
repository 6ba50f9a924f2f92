/** What the load process is asked for. */
export interface LoadJob {
  url: string
  connections: number
  /** How long, or else how many requests. */
  amount: { seconds: number } | { requests: number }
  /** Cookie headers, spread over the connections; each connection sends its own in turn. */
  cookies: string[]
  /** Each connection is a browser: it starts with one of the cookies and keeps what the answers set. */
  keepsCookies: boolean
  /** Milliseconds from one request to the next, however long the answers take; unset: each answer is followed by a request. */
  pace?: number
}

/** What it saw. */
export interface LoadResult {
  requests: number
  perSecond: number
  /** Milliseconds. */
  p50: number
  /** Milliseconds. */
  p99: number
  /** Answers other than 2xx, errors and timeouts. */
  failures: number
  /** How much of a core the load process itself used; near 1 it is what limits. */
  generatorLoad: number
}
