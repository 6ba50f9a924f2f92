import type { SessionEvent } from '../../adapters/shared/event'
import type { ServerEnvironment } from '../environment'
import type { SentReport } from './messages'

export interface RecordedRequest {
  id: string
  /** Milliseconds since 1970. */
  startedAt: number
  /** Whether it did anything to a session, so that its answer is reported too. */
  isObserved: boolean
  /** The report of its response, if nothing was observed before: the app goes on after the headers, or after the client has left. */
  end?: SentReport
}

/** The requests of this server, as the panel knows them. */
export class RecordedRequests {
  readonly #requests = new WeakMap<SessionEvent, RecordedRequest>()

  constructor(private readonly env: Pick<ServerEnvironment, 'host' | 'generateId' | 'now'>) {}

  of(event: SessionEvent): RecordedRequest {
    const { env } = this
    // Nuxt 5 renders a page with an event of its own.
    const { answered } = env.host.transportOf(event)
    const request = this.#requests.get(answered) ?? { id: env.generateId(), startedAt: env.now(), isObserved: false }
    this.#requests.set(answered, request)
    return request
  }

  /** Notes that the request of an event did something to a session. Returns what a message about that says of the request. */
  observe(event: SessionEvent): { request: string, startedAt: number } {
    const request = this.of(event)
    request.isObserved = true
    return { request: request.id, startedAt: request.startedAt }
  }
}
