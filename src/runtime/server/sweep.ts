import type { ServerEnvironment } from './environment'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime-kind'

const INTERVAL_MS = 5000
/** Records that are looked at in a tick. */
const LIMIT = 100

/**
 * Removes ended sessions from stores whose driver does not, as long as the server runs.
 * @returns ends it
 */
export function startSweep({ host, stores, warnOnce }: ServerEnvironment): () => void {
  // Workers have no time between requests.
  if (host.isPrerendering || !HAS_ENVIRONMENT_AT_START) return () => {}
  let isSweeping = false
  const timer = setInterval(() => {
    if (isSweeping) return
    isSweeping = true
    stores.sweep(LIMIT)
      .catch(() => warnOnce('A session store could not be swept of ended sessions; it is tried again.'))
      .finally(() => { isSweeping = false })
  }, INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}
