import type { InspectedRequest } from './protocol'

/**
 * The newest requests up to a limit. Requests that only read are dropped first while they are more than half, so that
 * an app that polls does not drive out the writes.
 */
export function newestRequests(requests: readonly InspectedRequest[], limit: number): InspectedRequest[] {
  const newest = [...requests]
  while (newest.length > limit) {
    const reads = newest.filter(({ events }) => events.every(({ kind }) => kind === 'load'))
    newest.splice(reads.length > limit / 2 ? newest.indexOf(reads[0]!) : 0, 1)
  }
  return newest
}
