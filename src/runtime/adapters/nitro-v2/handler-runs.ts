import type { EventHandler, H3Event } from 'h3'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import type { H3Transport } from '../h3-v1/transport'
import { createAsyncStorage } from '../shared/runtime'
import type { SessionEvent } from '../shared/event'
import { settleHandlerGuards } from '../shared/guards'
import { HandlerCache } from './handler-cache'
import { FAILED, isNitros, RUN, RUNS } from './request-runs'
import type { HandlerRun, RequestRuns, RunContext } from './request-runs'

const NO_RUNS: readonly HandlerRun[] = []

/** Tracks runs through asynchronous calls, if the runtime supports it. Never disabled, because a run's body may be streamed after it. */
const SCOPE = createAsyncStorage<HandlerRun>()

/** Wraps the handler of a cached handler, to track what runs inside it. */
export function trackRuns(handler: EventHandler): EventHandler {
  const watched = async (event: H3Event): Promise<unknown> => {
    const run = beginRun(event)
    if (!run) return handler(event) as unknown
    const body: unknown = await (SCOPE ? SCOPE.run(run, () => handler(event) as unknown) : handler(event))
    await settleHandlerGuards(event)
    // A failed run stays open: its error page depends on the session like the cached page.
    runsOf(event.context).open.delete(run)
    return body
  }
  // Nitro uses the source of a handler as its version.
  return Object.defineProperty(watched, 'toString', { value: () => handler.toString() })
}

/** Nitro sets the context's `cache` right before the run, except for requests that it does not cache. */
function beginRun(event: H3Event): HandlerRun | undefined {
  const { cache } = event.context as RunContext
  if (!isNitros(cache) || cache[RUN]) return undefined
  const run = { options: cache.options, event, around: currentRuns(event), outer: SCOPE?.getStore() }
  cache[RUN] = run
  Object.assign(event, { [RUN]: run })
  runsOf(event.context).open.add(run)
  return run
}

function runsAround(event: SessionEvent): readonly HandlerRun[] {
  const run = runOf(event)
  return run ? [run, ...run.around] : currentRuns(event)
}

/** The caller's runs. Without async tracking, and for an error page, these are all runs that have not succeeded. */
function currentRuns({ context }: SessionEvent): readonly HandlerRun[] {
  const runs: HandlerRun[] = []
  for (let run = SCOPE?.getStore(); run; run = run.outer) if (run.event.context === context) runs.push(run)
  if (runs.length > 0) return runs
  const { [RUNS]: all, [FAILED]: isFailed } = context as RunContext
  return all && (!SCOPE || isFailed) ? [...all.open] : NO_RUNS
}

export function runOf(event: SessionEvent): HandlerRun | undefined {
  return (event as { [RUN]?: HandlerRun })[RUN]
}

function runsOf(context: RunContext): RequestRuns {
  return context[RUNS] ??= { open: new Set(), cachesAround }
}

function cachesAround(event: SessionEvent, incoming: H3Transport): readonly ResponseCache[] {
  return runsAround(event).map(run => run.cache ??= new HandlerCache(run, incoming))
}
