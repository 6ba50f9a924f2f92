import type { H3Event } from 'h3'
import { SHARED_CACHE } from '../../core/session/cached-routes/response-cache'
import type { ResponseCache } from '../../core/session/cached-routes/response-cache'
import type { H3Transport } from '../h3-v1/transport'
import type { SessionEvent } from '../shared/event'

/** On an event and in Nitro's `cache`: the run. In a request's context: all its runs, and whether it has failed. */
export const RUN = Symbol.for('nuxt-h3-session.handler-run')
export const RUNS = Symbol.for('nuxt-h3-session.handler-runs')
export const FAILED = Symbol.for('nuxt-h3-session.failed')

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

/** The runs of a request. Their code is loaded with the first cached handler. */
export interface RequestRuns {
  /** Those that have not succeeded. */
  readonly open: Set<HandlerRun>
  /** The caches of the runs around an event. `incoming` is the transport of the request. */
  cachesAround: (event: SessionEvent, incoming: H3Transport) => readonly ResponseCache[]
}

/** Nitro sets `cache` for each run of a cached handler, and does not remove it. */
interface NitroCache { options?: HandlerOptions, [RUN]?: HandlerRun }
/** The context of a request, with its runs. `FAILED`: whether its error page is rendered. */
export type RunContext = H3Event['context'] & { cache?: NitroCache, [RUNS]?: RequestRuns, [FAILED]?: boolean }

/** The caches of the cached handlers around an event. An untracked one counts as shared by all visitors. */
export function handlerCachesOf({ event }: H3Transport, incoming: H3Transport): readonly ResponseCache[] {
  const context = event.context as RunContext
  // It may still be running.
  if (isNitros(context.cache) && !context.cache[RUN]) return [SHARED_CACHE]
  return context[RUNS]?.cachesAround(event, incoming) ?? []
}

/** An app may set its own `cache` in the context. */
export function isNitros(cache: NitroCache | undefined): cache is NitroCache & { options: HandlerOptions } {
  return Boolean(cache?.options) && typeof cache?.options === 'object'
}

/** Marks the request as failed, before its error page is rendered. */
export function markFailed({ context }: H3Event): void {
  (context as RunContext)[FAILED] = true
}
