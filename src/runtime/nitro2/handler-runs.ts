import type { EventHandler, H3Event } from 'h3'
import type { SessionEvent } from '../h3/event'
import type { HandlerOptions } from './cache-key'
import type { HandlerCache } from './handler-cache'

const RUN = Symbol.for('nuxt-h3-session.handler-run')
const OPEN_RUNS = Symbol.for('nuxt-h3-session.open-runs')

/** One run of a cached handler: what it answers becomes an entry of the cache. */
export interface HandlerRun {
  readonly options: HandlerOptions
  /** The event that Nitro makes for the run. It shares its context with the request's event. */
  readonly event: H3Event
  /** The runs of which this one is a part, the nearest first. */
  readonly around: readonly HandlerRun[]
  cache?: HandlerCache
}

interface InRun { [RUN]?: HandlerRun }
/** What Nitro puts into the context for each run of a cached handler, and leaves there. */
interface NitroCache extends InRun { options?: HandlerOptions }
type Context = H3Event['context'] & { cache?: NitroCache, [OPEN_RUNS]?: Set<HandlerRun> }

/** The handler of a cached handler, so that it is known when it runs, and for which event. */
export function watchRuns(handler: EventHandler): EventHandler {
  const watched = async (event: H3Event): Promise<unknown> => {
    const run = beginRun(event)
    const body: unknown = await handler(event)
    // One that failed stays open: the page of its error says of the session what the cached page would.
    if (run) openRuns(event.context).delete(run)
    return body
  }
  // Nitro takes the source of a handler for its version.
  return Object.defineProperty(watched, 'toString', { value: () => handler.toString() })
}

/** Nitro sets the context's `cache` right before the run; a request that it does not cache leaves it as it is. */
function beginRun(event: H3Event): HandlerRun | undefined {
  const { cache } = event.context as Context
  if (!isNitros(cache) || cache[RUN]) return undefined
  const open = openRuns(event.context)
  const run = { options: cache.options, event, around: runsOf(event) ?? [...open] }
  cache[RUN] = run
  Object.assign(event, { [RUN]: run })
  const { waitUntil } = event as Partial<H3Event>
  // The only thing of this event that Nitro hands on to the one of a cached handler that the handler calls.
  if (waitUntil) event.waitUntil = Object.assign((promise: Promise<unknown>) => waitUntil(promise), { [RUN]: run })
  open.add(run)
  return run
}

/** The runs that the event of a new run was made in; `undefined` if that is unknown. */
function runsOf({ waitUntil }: Partial<H3Event>): readonly HandlerRun[] | undefined {
  const outer = (waitUntil as InRun | undefined)?.[RUN]
  if (outer) return [outer, ...outer.around]
  return waitUntil && []
}

/**
 * The runs that what is done for an event is a part of, the nearest first. The event of a run tells. With another event,
 * such as the request's own, it may be any that has not ended.
 */
export function runsAround(event: SessionEvent): readonly HandlerRun[] {
  const run = runOf(event)
  return run ? [run, ...run.around] : [...(event.context as Context)[OPEN_RUNS] ?? []]
}

/** The run for which Nitro made an event. */
export function runOf(event: SessionEvent): HandlerRun | undefined {
  return (event as InRun)[RUN]
}

/** Whether a cached handler ran that nobody watches, so that it may run still. */
export function hasUnwatchedRun({ context }: SessionEvent): boolean {
  // An app may have a `cache` of its own in the context.
  const { cache } = context as Context
  return isNitros(cache) && !cache[RUN]
}

function openRuns(context: Context): Set<HandlerRun> {
  return context[OPEN_RUNS] ??= new Set()
}

function isNitros(cache: NitroCache | undefined): cache is NitroCache & { options: HandlerOptions } {
  return Boolean(cache?.options) && typeof cache?.options === 'object'
}
