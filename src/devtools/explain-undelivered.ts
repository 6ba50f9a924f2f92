import type { InspectedSession } from './protocol'
import { requestLabel } from './request-label'

/** Which response with the cookie of a new session did not arrive. */
export function describeUndelivered(request: NonNullable<InspectedSession['undelivered']>, user?: string): string {
  return `The browser closed the connection before the response to ${requestLabel(request)}, so it does not have the cookie of the new session${user === undefined ? '' : ` (${user})`}.`
}
