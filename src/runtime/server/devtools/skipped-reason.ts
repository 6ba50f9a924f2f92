import type { Transport } from '../../core/session/transport'

/**
 * Why a browser did not renew its proof, from `Secure-Session-Skipped`, such as `quota_exceeded`. The header lists the
 * reason of each session of the browser.
 */
export function skippedReason(name: string, transport: Pick<Transport, 'requestHeader'>): string | undefined {
  const entries = transport.requestHeader('secure-session-skipped')?.split(',').map(entry => entry.trim()) ?? []
  const own = entries.find(entry => entry.includes(`session_identifier="${name}"`) || entry.includes(`session_identifier="${name}@`))
  return own?.split(';', 1)[0]
}
