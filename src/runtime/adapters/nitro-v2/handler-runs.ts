import type { EventHandler, H3Event } from 'h3'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import { createAsyncStorage } from '../shared/runtime'
import type { SessionEvent } from '../shared/event'
import { settleHandlerGuards } from '../shared/guards'

const RUN = Symbol.for('nuxt-h3-session.handler-run')
const OPEN_RUNS = Symbol.for('nuxt-h3-session.open-runs')
const FAILED = Symbol.for('nuxt-h3-session.failed')
const NO_RUNS: readonly HandlerRun[] = []

/** The options of a cached handler. Nitro's `getKey` wraps the app's `getKey` or `varies`. */
export interface HandlerOptions {
  readonly getKey: (event: H3Event) => Promise<string>
  readonly varies?: readonly unknown[]
}

/** One run of a cached handler. Its response becomes a cache entry. */
export interface HandlerRun {
  readonly options: HandlerOptions
  /** The event that Nitro creates for the run. It shares its context with the request's event. */
  readonly event: H3Event
  /** The outer runs of the same request, innermost first. */
  readonly around: readonly HandlerRun[]
  /** The run in which this one started; it may belong to an outer request. */
  readonly outer: HandlerRun | undefined
  cache?: ResponseCache & { describe: () => void }
}

/** Nitro sets this in the context for each run of a cached handler, and does not remove it. */
interface NitroCache { options?: HandlerOptions, [RUN]?: HandlerRun }
type Context = H3Event['context'] & { cache?: NitroCache, [OPEN_RUNS]?: Set<HandlerRun>, [FAILED]?: boolean }

/** Tracks runs through asynchronous calls, if the runtime supports it. */
const SCOPE = createAsyncStorage<HandlerRun>()

/** Wraps the handler of a cached handler, to track what runs inside it. */
export function trackRuns(handler: EventHandler): EventHandler {
  const watched = async (event: H3Event): Promise<unknown> => {
    const run = beginRun(event)
    if (!run) return handler(event) as unknown
    const body: unknown = await (SCOPE ? SCOPE.run(run, () => handler(event) as unknown) : handler(event))
    await settleHandlerGuards(event)
    // A failed run stays open: its error page depends on the session like the cached page.
    openRuns(event.context).delete(run)
    return body
  }
  // Nitro uses the source of a handler as its version.
  return Object.defineProperty(watched, 'toString', { value: () => handler.toString() })
}

/** Nitro sets the context's `cache` right before the run, except for requests that it does not cache. */
function beginRun(event: H3Event): HandlerRun | undefined {
  const { cache } = event.context as Context
  if (!isNitros(cache) || cache[RUN]) return undefined
  const run = { options: cache.options, event, around: currentRuns(event), outer: SCOPE?.getStore() }
  cache[RUN] = run
  Object.assign(event, { [RUN]: run })
  openRuns(event.context).add(run)
  return run
}

export function runsAround(event: SessionEvent): readonly HandlerRun[] {
  const run = runOf(event)
  return run ? [run, ...run.around] : currentRuns(event)
}

/** The caller's runs. Without async tracking, and for an error page, these are all runs that have not succeeded. */
function currentRuns({ context }: SessionEvent): readonly HandlerRun[] {
  const runs: HandlerRun[] = []
  for (let run = SCOPE?.getStore(); run; run = run.outer) if (run.event.context === context) runs.push(run)
  if (runs.length > 0) return runs
  const { [OPEN_RUNS]: open, [FAILED]: isFailed } = context as Context
  return open && (!SCOPE || isFailed) ? [...open] : NO_RUNS
}

/** Marks the request as failed, before its error page is rendered. */
export function markFailed({ context }: H3Event): void {
  (context as Context)[FAILED] = true
}

export function runOf(event: SessionEvent): HandlerRun | undefined {
  return (event as { [RUN]?: HandlerRun })[RUN]
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
