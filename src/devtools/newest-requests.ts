import { isFailure, isRead } from './kinds'
import type { InspectedRequest } from './protocol'

type Countable = Pick<InspectedRequest, 'id' | 'isPrefetch' | 'events'>

/** The newest requests up to a limit, in the order in which they are dropped. */
export function newestRequests(requests: readonly InspectedRequest[], limit: number): InspectedRequest[] {
  const order = new DropOrder(limit)
  for (const request of requests) order.add(request)
  for (let id = order.next(); id !== undefined; id = order.next()) order.delete(id)
  return requests.filter(({ id }) => order.has(id))
}

/**
 * Which request is dropped next. Requests that change nothing are dropped first while they are more than half, so that
 * neither an app that polls nor a visitor who is denied drives out the writes. Of these, reads are dropped before failures
 * until they are a quarter.
 */
export class DropOrder {
  readonly #all = new Set<string>()
  readonly #reads = new Set<string>()
  readonly #failures = new Set<string>()

  constructor(private readonly limit: number) {}

  has(id: string): boolean {
    return this.#all.has(id)
  }

  /** Adds a request, or notes that it has other events. It keeps its place. */
  add(request: Countable): void {
    const { id, events } = request
    this.#all.add(id)
    const onlyReads = events.every(({ kind }) => isRead(request, kind))
    const changesNothing = events.every(({ kind }) => kind === 'load' || isFailure(kind))
    setMember(this.#reads, id, onlyReads)
    setMember(this.#failures, id, changesNothing && !onlyReads)
  }

  delete(id: string): void {
    for (const ids of [this.#all, this.#reads, this.#failures]) ids.delete(id)
  }

  /** The request to drop, or `undefined` if there are not more than the limit. It looks at no list: it runs at every request of the app. */
  next(): string | undefined {
    if (this.#all.size <= this.limit) return undefined
    const [oldest] = this.#fullest()
    return oldest
  }

  #fullest(): Set<string> {
    if (this.#reads.size + this.#failures.size <= this.limit / 2) return this.#all
    return this.#reads.size > this.limit / 4 ? this.#reads : this.#failures
  }
}

function setMember(ids: Set<string>, id: string, isMember: boolean): void {
  if (isMember) ids.add(id)
  else ids.delete(id)
}
