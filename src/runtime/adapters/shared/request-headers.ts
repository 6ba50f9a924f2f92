import type { SessionEvent } from './event'

/** The request headers of an event without a response, such as a socket. */
export function headersOfSocket(event: SessionEvent): Headers | undefined {
  if ('request' in event && event.request) return event.request.headers
  return 'headers' in event ? event.headers : undefined
}

/** Whether this is a prefetch request, by its headers. */
export function isPrefetchRequest(header: (name: string) => string | undefined): boolean {
  return /\bprefetch\b/.test(['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(name => header(name) ?? '').join(' '))
}

/** The first value of a forwarded header. */
export function firstForwarded(value: string | undefined): string | undefined {
  return value?.split(',', 1)[0]?.trim() || undefined
}
