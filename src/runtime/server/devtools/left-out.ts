import type { ResolvedConfig } from '../../core/config/types'
import type { Transport } from '../../core/session/transport'
import { originOf } from '../../adapters/shared/origin'

/** Whether a browser may have the session's cookie although the request lacks it: a page of another site has sent the request. */
export function isLeftOut({ cookie }: Pick<ResolvedConfig, 'cookie'>, request: Pick<Transport, 'requestHeader'>): boolean {
  if (cookie === false || cookie.sameSite === 'none') return false
  const site = request.requestHeader('sec-fetch-site')
  // Browsers send no Sec-Fetch-Site over plain HTTP, except to this machine.
  return site === 'cross-site' || (!site && originOf(request) === 'foreign')
}
