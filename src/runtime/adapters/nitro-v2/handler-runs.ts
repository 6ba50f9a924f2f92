import type { EventHandler, H3Event } from 'h3'
import type { SessionEvent } from '../shared/event'
import type { HandlerOptions } from './cache-key'
import type { HandlerCache } from './handler-cache'

const RUN = Symbol.for('nuxt-h3-session.handler-run')
const OPEN_RUNS = Symbol.for('nuxt-h3-session.open-runs')

/** One run of a cached handler. Its response becomes a cache entry. */
export interface HandlerRun {
  readonly options: HandlerOptions
  /** The event that Nitro creates for the run. It shares its context with the request's event. */
  readonly event: H3Event
  /** The outer runs, innermost first. */
  readonly around: readonly HandlerRun[]
  cache?: HandlerCache
}

interface InRun { [RUN]?: HandlerRun }
/** Nitro sets this in the context for each run of a cached handler, and does not remove it. */
interface NitroCache extends InRun { options?: HandlerOptions }
type Context = H3Event['context'] & { cache?: NitroCache, [OPEN_RUNS]?: Set<HandlerRun> }

/** Wraps the handler of a cached handler, to track when it runs, and for which event. */
export function trackRuns(handler: EventHandler): EventHandler {
  const watched = async (event: H3Event): Promise<unknown> => {
    const run = beginRun(event)
    const body: unknown = await handler(event)
    // A failed run stays open: its error page depends on the session like the cached page.
    if (run) openRuns(event.context).delete(run)
    return body
  }
  // Nitro uses the source of a handler as its version.
  return Object.defineProperty(watched, 'toString', { value: () => handler.toString() })
}

/** Nitro sets the context's `cache` right before the run, except for requests that it does not cache. */
function beginRun(event: H3Event): HandlerRun | undefined {
  const { cache } = event.context as Context
  if (!isNitros(cache) || cache[RUN]) return undefined
  const open = openRuns(event.context)
  const run = { options: cache.options, event, around: runsOf(event) ?? [...open] }
  cache[RUN] = run
  Object.assign(event, { [RUN]: run })
  const { waitUntil } = event as Partial<H3Event>
  // Nitro copies only this function to the event of a nested cached handler.
  if (waitUntil) event.waitUntil = Object.assign((promise: Promise<unknown>) => waitUntil(promise), { [RUN]: run })
  open.add(run)
  return run
}

/** The runs around the event of a new run; `undefined` if unknown. */
function runsOf({ waitUntil }: Partial<H3Event>): readonly HandlerRun[] | undefined {
  const outer = (waitUntil as InRun | undefined)?.[RUN]
  if (outer) return [outer, ...outer.around]
  return waitUntil && []
}

/**
 * The runs around an event, innermost first. For an event that is not a run's, such as the request's own, these are all
 * runs that have not ended.
 */
export function runsAround(event: SessionEvent): readonly HandlerRun[] {
  const run = runOf(event)
  return run ? [run, ...run.around] : [...(event.context as Context)[OPEN_RUNS] ?? []]
}

/** The run for which Nitro created an event. */
export function runOf(event: SessionEvent): HandlerRun | undefined {
  return (event as InRun)[RUN]
}

/** Whether the request had an untracked run of a cached handler, which may still be running. */
export function hasUntrackedRun({ context }: SessionEvent): boolean {
  // An app may set its own `cache` in the context.
  const { cache } = context as Context
  return isNitros(cache) && !cache[RUN]
}

function openRuns(context: Context): Set<HandlerRun> {
  return context[OPEN_RUNS] ??= new Set()
}

function isNitros(cache: NitroCache | undefined): cache is NitroCache & { options: HandlerOptions } {
  return Boolean(cache?.options) && typeof cache?.options === 'object'
}
