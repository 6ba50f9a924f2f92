import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { getRouteRules } from 'nitropack/runtime'
import type { OriginGuard } from '../shared/host'
import { isSafeMethod } from '../shared/method'
import { IS_WORKER } from '../shared/runtime'
import { outerEvent } from './requests'

/** Refuses state-changing requests and WebSockets of other origins, before any route runs. */
export function guardOrigins({ h3App: { options } }: NitroApp, guard: OriginGuard): void {
  const { onRequest, websocket } = options
  options.onRequest = async (event) => {
    await onRequest?.(event)
    // The app itself made an inner request, with the headers of the outer one.
    const error = isSafeMethod(event.method) || outerEvent(event) ? undefined : await guard(event, () => getRouteRules(event).session)
    if (error) throw error
  }
  // On Node, an upgrade bypasses the app.
  const upgrade: NonNullable<NonNullable<typeof websocket>['hooks']>['upgrade'] = async (request) => {
    await keepEnvironment()
    const path = new URL(request.url).pathname
    const error = await guard(request, () => getRouteRules({ path, context: {} } as H3Event).session)
    if (error) throw error
    return websocket?.hooks?.upgrade?.(request)
  }
  options.websocket = { ...websocket, hooks: { ...websocket?.hooks, upgrade } }
}

const WORKERS = 'cloudflare:workers'

/**
 * A worker has its environment from the first request on, because Nitro does not keep it when a socket is opened. Until
 * then, a guard that the environment sets would be off.
 */
async function keepEnvironment(): Promise<void> {
  const scope = globalThis as { __env__?: unknown }
  // By a variable, because other platforms cannot bundle the module.
  if (IS_WORKER) scope.__env__ ??= ((await import(WORKERS)) as { env: unknown }).env
}
