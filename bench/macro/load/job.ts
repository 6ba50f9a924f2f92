/** A job of the load process. */
export interface LoadJob {
  url: string
  connections: number
  /** The duration, or the number of requests. */
  amount: { seconds: number } | { requests: number }
  /** Cookie headers, spread over the connections; each connection sends its own in turn. With `pace`, all in turn. */
  cookies: string[]
  /** Each connection is a browser: it starts with one of the cookies and stores those of the responses. With `pace`, each cookie is one. */
  keepsCookies: boolean
  /** Tokens that are signed wrongly, for the endpoint of bound sessions: POST requests, one for each cookie. Only 403 and 503 are a success. Not with `pace`. */
  deviceTokens?: string[]
  /** Milliseconds from one request to the next, regardless of the responses. Unset: each response is followed by a request. */
  pace?: number
}

/** The result of a job. */
export interface LoadResult {
  requests: number
  perSecond: number
  /** Milliseconds of each response. */
  latencies: number[]
  /** Milliseconds. */
  p99: number
  /** Responses other than 2xx, or other than 403 and 503 with `deviceTokens`; errors and timeouts. */
  failures: number
  /** The share of a core that the load process used. Near 1, it is the limit. */
  generatorLoad: number
}
