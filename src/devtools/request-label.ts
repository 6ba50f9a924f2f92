import type { InspectedRequest } from './protocol'

/** The request's method and path, or that the call had no event. */
export function requestLabel({ method, path }: Pick<InspectedRequest, 'method' | 'path'>): string {
  return method === '' ? 'a call without an event' : `${method} ${path}`.trimEnd()
}
