import type { DeviceStep } from '../../core/device/instructions'
import type { SessionEvent } from '../shared/event'
import { DEVICE_STEPS } from '../shared/host'
import type { DeviceEndpoint } from '../shared/host'
import type { NextEvent } from './event'
import { HttpAnswer } from './host'
import type { MiddlewareApp } from './origins'

/** Serves the endpoint of browsers that bind sessions. */
export function serveDevices(app: MiddlewareApp, endpoint: DeviceEndpoint, basePath: string): void {
  const { route } = endpoint
  if (route === false) return
  const steps = new Map<string, DeviceStep>(DEVICE_STEPS.map(step => [`${basePath}${route}/${step}`, step] as const))
  app['~middleware'].push((event, next) => {
    const step = steps.get(event.url.pathname)
    return step === undefined ? next() : respond(event, step, endpoint)
  })
}

async function respond(event: NextEvent, step: DeviceStep, { headers, answer }: DeviceEndpoint): Promise<Response> {
  const query = Object.fromEntries(event.url.searchParams)
  const { status, body } = await answer(event as unknown as SessionEvent, step, query).catch((error: unknown) => {
    if (error instanceof HttpAnswer) error.headers = new Headers(headers)
    throw error
  })
  return body ? Response.json(body, { status, headers }) : new Response(null, { status, headers })
}
