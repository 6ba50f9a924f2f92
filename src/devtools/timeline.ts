import type { VerdictReport, WorkerReport } from '../runtime/server/devtools/messages'
import { dataIn } from './bodies'
import type { Bodies } from './bodies'
import type { EventResponse, TimelineEvent } from './protocol'

interface Entry { event: TimelineEvent, changedAt: number, verdict?: string }
type Bodied = Partial<Record<'before' | 'after', string>>

/** The newest events, oldest first. */
export class Timeline {
  #entries: Entry[] = []

  constructor(private readonly bodies: Bodies, private readonly limit: number) {}

  get events(): TimelineEvent[] {
    return this.#entries.map(({ event }) => event)
  }

  /** The events that were added or changed later. */
  since(at: number): TimelineEvent[] {
    return this.#entries.filter(({ changedAt }) => changedAt > at).map(({ event }) => event)
  }

  /** `verdict` identifies the verdict that follows. */
  add(event: TimelineEvent, { before, after }: Bodied, verdict: string | undefined): void {
    this.#entries.push({ event, changedAt: event.seq, verdict })
    this.#keep(event.seq, { before, after })
    if (this.#entries.length > this.limit) this.#keep(this.#entries.shift()!.event.seq, {})
  }

  /** Adds the response's status to the events of its request. */
  finish({ request, status, duration }: Extract<WorkerReport, { type: 'sent' }>, at: number): void {
    this.#change(({ event }) => event.request === request, () => ({ status, duration }), at)
  }

  /** Adds to a rejected token why it was rejected. */
  explain({ of }: Pick<VerdictReport, 'of'>, facts: (event: TimelineEvent) => Partial<TimelineEvent>, at: number): void {
    this.#change(({ verdict }) => verdict === of, facts, at)
  }

  /** The data before and after an event, if it is still kept. */
  dataOf(seq: number): EventResponse | undefined {
    const [before, after] = ['before', 'after'].map(time => dataIn(this.bodies.get(`${time} ${seq}`)))
    return before || after ? { before, after } : undefined
  }

  #change(isMeant: (entry: Entry) => boolean, facts: (event: TimelineEvent) => Partial<TimelineEvent>, at: number): void {
    this.#entries = this.#entries.map(entry => isMeant(entry) ? { ...entry, event: { ...entry.event, ...facts(entry.event) }, changedAt: at } : entry)
  }

  #keep(seq: number, { before, after }: Bodied): void {
    this.bodies.set(`before ${seq}`, before)
    this.bodies.set(`after ${seq}`, after)
  }
}
