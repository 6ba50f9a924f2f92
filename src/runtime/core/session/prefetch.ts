import type { Transport } from './transport'

/** Whether this is a prefetch request: its user may never see the response. Browsers send `prefetch` or `prefetch;prerender`. */
export function isPrefetch(request: Pick<Transport, 'requestHeader'>): boolean {
  return /\bprefetch\b/i.test(['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].map(name => request.requestHeader(name) ?? '').join(' '))
}
