import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage, SentReport } from '../runtime/server/devtools/messages'
import { contentIn, parseBody } from './bodies'
import type { Bodies } from './bodies'
import { DropOrder } from './newest-requests'
import type { BeforeAndAfter, EventResponse, InspectedRequest, TimelineEvent } from './protocol'

/** A socket is one request, and may have any number of events. */
const MAX_EVENTS = 100

/** The data before and after an event, as JSON. */
export type Bodied = Partial<Record<'before' | 'after', string>>

interface Kept { request: InspectedRequest, changedAt: number }

/** The newest requests that used a session, oldest first, each with its events. */
export class Requests {
  #kept = new Map<string, Kept>()
  readonly #order: DropOrder
  /** The events of rejected tokens, by the verdict that follows. */
  readonly #rejected = new BoundedCache<string, { id: string, seq: number }>({ maxEntries: 1000 })

  constructor(private readonly bodies: Bodies, limit: number) {
    this.#order = new DropOrder(limit)
  }

  all(): InspectedRequest[] {
    return Array.from(this.#kept.values(), ({ request }) => request)
  }

  /** The requests that were added or changed later. */
  since(at: number): InspectedRequest[] {
    return [...this.#kept.values()].filter(({ changedAt }) => changedAt > at).map(({ request }) => request)
  }

  clear(): void {
    for (const { request } of this.#kept.values()) this.#drop(request)
  }

  /** Adds an event to its request. A call without a request counts as one. */
  add(message: ObservedMessage, event: TimelineEvent, { before, after }: Bodied): void {
    const { at, startedAt = at, method, path, isPrefetch, verdict } = message
    const id = message.request ?? `call-${event.seq}`
    const { request } = this.#kept.get(id) ?? { request: { id, at: startedAt, method, path, isPrefetch, events: [] } }
    const events = [...request.events, event]
    if (events.length > MAX_EVENTS) this.#keep(events.shift()!, {})
    if (verdict !== undefined) this.#rejected.set(verdict, { id, seq: event.seq })
    this.#keep(event, { before, after })
    this.#keepRequest({ request: { ...request, events }, changedAt: event.seq })
    this.#dropOldest()
  }

  /** Adds the response's status to its request. */
  finish({ request: id, status, duration }: SentReport, at: number): void {
    const kept = this.#kept.get(id)
    if (kept) this.#kept.set(id, { ...kept, request: { ...kept.request, status, duration }, changedAt: at })
  }

  /** Adds to a rejected token why it was rejected, also again if its cause becomes known later. */
  explain(verdict: string, facts: (event: TimelineEvent) => Partial<TimelineEvent>, at: number): void {
    const { id = '', seq } = this.#rejected.get(verdict) ?? {}
    const event = this.#kept.get(id)?.request.events.find(each => each.seq === seq)
    if (event) this.change(id, event.seq, facts(event), at)
  }

  /** Changes facts of an event, if it is still listed. */
  change(id: string, seq: number, facts: Partial<TimelineEvent>, at: number): void {
    const kept = this.#kept.get(id)
    if (!kept) return
    const events = kept.request.events.map(event => event.seq === seq ? { ...event, ...facts } : event)
    this.#kept.set(id, { ...kept, request: { ...kept.request, events }, changedAt: at })
  }

  /** The data before and after an event, if it is still kept. */
  dataOf(seq: number): EventResponse | undefined {
    const [before, after] = this.#bodiesOf(seq).map(parseBody)
    if (!before && !after) return undefined
    const flash = { before: before?.flash, after: after?.flash }
    return { before: before?.data, after: after?.data, ...(flash.before ?? flash.after) && { flash } }
  }

  /** As {@link dataOf}, with the flash data under keys such as `flash.message`. */
  contentOf(seq: number): BeforeAndAfter {
    const [before, after] = this.#bodiesOf(seq).map(contentIn)
    return { before, after }
  }

  #bodiesOf(seq: number): (string | undefined)[] {
    return ['before', 'after'].map(time => this.bodies.get(`${time} ${seq}`))
  }

  #keepRequest(kept: Kept): void {
    const { request } = kept
    this.#kept.set(request.id, kept)
    this.#order.add(request)
  }

  #dropOldest(): void {
    const id = this.#order.next()
    if (id !== undefined) this.#drop(this.#kept.get(id)!.request)
  }

  #drop({ id, events }: InspectedRequest): void {
    this.#kept.delete(id)
    this.#order.delete(id)
    for (const event of events) this.#keep(event, {})
  }

  #keep({ seq }: TimelineEvent, { before, after }: Bodied): void {
    this.bodies.set(`before ${seq}`, before)
    this.bodies.set(`after ${seq}`, after)
  }
}
