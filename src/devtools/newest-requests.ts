import type { InspectedRequest } from './protocol'

/**
 * The newest requests up to a limit. Requests that only read are dropped first while they are more than half, so that
 * an app that polls does not drive out the writes.
 */
export function newestRequests(requests: readonly InspectedRequest[], limit: number): InspectedRequest[] {
  const excess = requests.length - limit
  if (excess <= 0) return [...requests]
  const reads = requests.filter(onlyReads)
  const dropped = new Set(reads.slice(0, Math.min(excess, Math.max(0, Math.ceil(reads.length - limit / 2)))))
  const newest = requests.filter(request => !dropped.has(request))
  // The oldest of both kinds. Dropping a read among them never brings the reads above half again.
  return newest.slice(excess - dropped.size)
}

/** Whether all events of a request are reads. */
export function onlyReads({ events }: InspectedRequest): boolean {
  return events.every(({ kind }) => kind === 'load')
}
