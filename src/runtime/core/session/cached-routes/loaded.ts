import type { ResolvedConfig } from '../../config/types'
import { loadOnce } from '../../utils/lazily'
import { andThen } from '../../utils/maybe-promise'
import type { MaybePromise } from '../../utils/maybe-promise'
import type { SessionContext } from '../context'
import type { Transport } from '../transport'

/** Most apps use no session in a cached route, and do not load the code. */
const load = loadOnce(async () => ({ ...await import('./check'), ...await import('./describe') }))

/** Checks that the caches that store the response separate visitors. @throws SESSION_CACHED_ROUTE */
export function checkSessionCaches(transport: Transport, config: ResolvedConfig, now: number): Promise<void> | undefined {
  if (transport.caches().length > 0) return loadAndCheck(transport, config, now)
}

async function loadAndCheck(transport: Transport, config: ResolvedConfig, now: number): Promise<void> {
  const code = await load()
  return code.checkSessionCaches(transport, config, now).catch((error: unknown) => {
    // Visitors without a session get no error.
    if (config.cacheHeaders) transport.markPrivate(config.vary)
    throw error
  })
}

/** Describes the session in the entries of these caches. Synchronous, because {@link checkSessionCaches} has loaded the code. */
export function describeEntries(context: SessionContext): MaybePromise<void> {
  if (context.transport.caches().length > 0) return loadAndDescribe(context)
}

function loadAndDescribe(context: SessionContext): MaybePromise<void> {
  return andThen(load(), code => code.describeEntries(context))
}
