import type { SessionEvent } from './event'

/** The request headers of what has no response of its own, such as a socket. */
export function headersOfSocket(event: SessionEvent): Headers | undefined {
  if ('request' in event && event.request) return event.request.headers
  return 'headers' in event ? event.headers : undefined
}

/** Whether a browser asks ahead of its user, by its request headers. */
export function isPrefetchRequest(header: (name: string) => string | undefined): boolean {
  return /\bprefetch\b/.test(['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(name => header(name) ?? '').join(' '))
}

/** What the first of several proxies said. */
export function firstForwarded(value: string | undefined): string | undefined {
  return value?.split(',', 1)[0]?.trim() || undefined
}
