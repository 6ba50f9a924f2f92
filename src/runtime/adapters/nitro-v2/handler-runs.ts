import type { EventHandler, H3Event } from 'h3'
import type { AsyncStorage } from '../../core/session/hook-scope'
import type { SessionEvent } from '../shared/event'
import type { HandlerOptions } from './cache-key'
import type { HandlerCache } from './handler-cache'

const RUN = Symbol.for('nuxt-h3-session.handler-run')
const OPEN_RUNS = Symbol.for('nuxt-h3-session.open-runs')
const FAILED = Symbol.for('nuxt-h3-session.failed')
const NO_RUNS: readonly HandlerRun[] = []

/** One run of a cached handler: what it answers becomes an entry of the cache. */
export interface HandlerRun {
  readonly options: HandlerOptions
  /** The event that Nitro makes for the run. It shares its context with the request's event. */
  readonly event: H3Event
  /** The runs of the same request of which this one is a part, the nearest first. */
  readonly around: readonly HandlerRun[]
  /** The run that began this one, perhaps of a request around this one's. */
  readonly outer: HandlerRun | undefined
  cache?: HandlerCache
}

interface InRun { [RUN]?: HandlerRun }
/** What Nitro puts into the context for each run of a cached handler, and leaves there. */
interface NitroCache extends InRun { options?: HandlerOptions }
type Context = H3Event['context'] & { cache?: NitroCache, [OPEN_RUNS]?: Set<HandlerRun>, [FAILED]?: boolean }

/** Follows runs through their asynchronous calls, if the runtime can. */
const SCOPE = createScope()

function createScope(): AsyncStorage<HandlerRun> | undefined {
  const hooks = globalThis.process?.getBuiltinModule?.('node:async_hooks')
  return hooks && new hooks.AsyncLocalStorage()
}

/** The handler of a cached handler, so that it is known what runs inside it. */
export function watchRuns(handler: EventHandler): EventHandler {
  const watched = async (event: H3Event): Promise<unknown> => {
    const run = beginRun(event)
    if (!run) return handler(event) as unknown
    const body: unknown = await (SCOPE ? SCOPE.run(run, () => handler(event) as unknown) : handler(event))
    // One that failed stays open: the page of its error shows of the session what the cached page would.
    openRuns(event.context).delete(run)
    return body
  }
  // Nitro takes the source of a handler for its version.
  return Object.defineProperty(watched, 'toString', { value: () => handler.toString() })
}

/** Nitro sets the context's `cache` right before the run; a request that it does not cache leaves it as it is. */
function beginRun(event: H3Event): HandlerRun | undefined {
  const { cache } = event.context as Context
  if (!isNitros(cache) || cache[RUN]) return undefined
  const run = { options: cache.options, event, around: currentRuns(event), outer: SCOPE?.getStore() }
  cache[RUN] = run
  Object.assign(event, { [RUN]: run })
  openRuns(event.context).add(run)
  return run
}

/** The runs that what is done for an event is a part of, the nearest first. */
export function runsAround(event: SessionEvent): readonly HandlerRun[] {
  const run = runOf(event)
  return run ? [run, ...run.around] : currentRuns(event)
}

/** The caller's. If the runtime does not tell, and for the page of an error: all that have not ended well. */
function currentRuns({ context }: SessionEvent): readonly HandlerRun[] {
  const runs: HandlerRun[] = []
  for (let run = SCOPE?.getStore(); run; run = run.outer) if (run.event.context === context) runs.push(run)
  if (runs.length > 0) return runs
  const { [OPEN_RUNS]: open, [FAILED]: isFailed } = context as Context
  return open && (!SCOPE || isFailed) ? [...open] : NO_RUNS
}

/** Says that the request has failed, and an error is answered. */
export function markFailed({ context }: H3Event): void {
  (context as Context)[FAILED] = true
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
