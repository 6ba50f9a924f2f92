import type { ServerEnvironment } from './environment'
import { HAS_ENVIRONMENT_AT_START } from '../adapters/shared/runtime'

const INTERVAL_MS = 5000
const ITEMS_PER_INTERVAL = 100

/** Starts removing ended sessions from stores whose driver ignores a TTL. @returns a function that stops it */
export function startSweep({ host, stores, warnOnce }: ServerEnvironment): () => void {
  // Workers cannot run code between requests.
  if (host.isPrerendering || !HAS_ENVIRONMENT_AT_START) return () => {}
  let isSweeping = false
  const timer = setInterval(() => {
    if (isSweeping) return
    isSweeping = true
    stores.sweep(ITEMS_PER_INTERVAL)
      .catch(() => warnOnce('Removing ended sessions from a session store failed. It will be tried again.'))
      .finally(() => { isSweeping = false })
  }, INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}
