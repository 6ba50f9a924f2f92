import type { InspectedSession } from './protocol'
import { requestLabel } from './request-label'

/** Which response with the cookie of a new session did not reach the browser. */
export function describeUndelivered(request: NonNullable<InspectedSession['undelivered']>, user?: string): string {
  return `The response to ${requestLabel(request)}, with the cookie of a new session${user === undefined ? '' : ` (${user})`}, did not reach the browser: its client had closed the connection.`
}
