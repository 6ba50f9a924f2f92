import type { InspectedRequest } from './protocol'

/** The request's method and path, or that the call was made outside of a request. */
export function requestLabel({ method, path }: Pick<InspectedRequest, 'method' | 'path'>): string {
  return method === '' ? 'code outside of a request' : `${method} ${path}`.trimEnd()
}
