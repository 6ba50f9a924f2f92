import { proofCookieOf } from '../runtime/core/device/proof-cookie-name'
import type { InspectedToken } from '../runtime/server/devtools/messages'

/** What a browser says of the proof that it did not renew, by the reason in `Secure-Session-Skipped`. */
const SKIPPED: Record<string, string> = {
  quota_exceeded: 'The browser did not renew the proof, because it has signed too often. Raise deviceBound.lifetime.',
  unreachable: 'The browser did not renew the proof, because the endpoint below clientRoute did not answer. Let the requests to it pass: look for a proxy or a firewall.',
  server_error: 'The browser did not renew the proof, because the endpoint failed. Look for its requests in this list, and at the store.',
}

/** Explains why a request does not prove the key of its session, and how to fix that. */
export function explainUnproven(unproven: InspectedToken['unproven'], name = 'the default name'): string {
  const { failure, skipped } = unproven ?? {}
  return `Its session is bound to a browser's key, and the request does not prove it. ${reasonOf(failure, skipped, proofCookieOf(name))}`
}

function reasonOf(failure: NonNullable<InspectedToken['unproven']>['failure'] | undefined, skipped: string | undefined, cookie: string): string {
  if (failure === 'header') return 'The token is in a header, and only cookies prove a key: send the cookies.'
  if (failure === 'foreign') return `The proof in the cookie "${cookie}" is of another session or key. The browser renews it before its next request; a copied cookie stays without one.`
  if (failure === 'invalid') return `The cookie "${cookie}" contains no proof of this app. If the password was changed, keep the old one in the list, after the new one.`
  if (skipped !== undefined) return SKIPPED[skipped] ?? `The browser did not renew the proof: ${skipped}.`
  if (failure === 'expired') return `The proof in the cookie "${cookie}" has ended. A browser drops it at its end: this is a copy, or the clocks of two servers differ.`
  return `There is no cookie "${cookie}". A browser renews it before its next request; a copied cookie stays without one. If a browser lost its key, log in again.`
}
