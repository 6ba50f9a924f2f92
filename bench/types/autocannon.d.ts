// The used part of autocannon, which has no types.
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  export interface Request { method?: string, headers?: Record<string, string> }

  export interface Client extends EventEmitter {
    setHeaders: (headers: Record<string, string>) => void
    setRequests: (requests: Request[]) => void
    on(event: 'headers', listener: (response: { headers: string[] }) => void): this
  }

  export interface Options {
    url: string
    connections: number
    /** Seconds. */
    duration?: number
    /** Requests, in place of a duration. */
    amount?: number
    /** Milliseconds between checks of the clock. */
    sampleInt?: number
    setupClient?: (client: Client) => void
  }

  export interface Result { errors: number, timeouts: number, statusCodeStats: Record<string, { count: number }> }

  export interface Tracker extends EventEmitter, Promise<Result> {
    on(event: 'start', listener: () => void): this
    on(event: 'response', listener: (client: Client, status: number, bytes: number, milliseconds: number) => void): this
  }

  export default function autocannon(options: Options): Tracker
}
