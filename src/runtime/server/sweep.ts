import type { NitroApp } from 'nitropack/types'
import type { ServerEnvironment } from './environment'
import { HAS_ENVIRONMENT_AT_START } from './runtime-config'

const INTERVAL_MS = 5000
/** Records that are looked at in a tick. */
const LIMIT = 100

/** Removes ended sessions from stores whose driver does not, as long as the server runs. */
export function startSweep(nitroApp: NitroApp, { stores, warnOnce }: ServerEnvironment): void {
  // Workers have no time between requests.
  if (import.meta.prerender || !HAS_ENVIRONMENT_AT_START) return
  let isSweeping = false
  const timer = setInterval(() => {
    if (isSweeping) return
    isSweeping = true
    stores.sweep(LIMIT)
      .catch(() => warnOnce('A session store could not be swept of ended sessions; it is tried again.'))
      .finally(() => { isSweeping = false })
  }, INTERVAL_MS)
  timer.unref()
  nitroApp.hooks.hook('close', () => clearInterval(timer))
}
