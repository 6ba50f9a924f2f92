import type { ResolvedConfig } from '../../core/config/types'
import type { Transport } from '../../core/session/transport'
import { originOf } from '../../adapters/shared/origin'

/** Whether a browser may have the session's cookie although the request lacks it: a page of another site has sent the request. */
export function isLeftOut({ cookie }: Pick<ResolvedConfig, 'cookie'>, request: Pick<Transport, 'requestHeader'>): boolean {
  if (cookie === false || cookie.sameSite === 'none') return false
  const isStrict = cookie.sameSite === 'strict' || cookie.sameSite === true
  if (!isStrict && isLink(request)) return false
  const site = request.requestHeader('sec-fetch-site')
  // Browsers send no Sec-Fetch-Site over plain HTTP, except to this machine.
  return site === 'cross-site' || (!site && originOf(request) === 'foreign')
}

/** Browsers send an Origin with a form that another site posts, but not with a link. */
function isLink(request: Pick<Transport, 'requestHeader'>): boolean {
  const isPage = request.requestHeader('sec-fetch-mode') === 'navigate' && request.requestHeader('sec-fetch-dest') === 'document'
  return isPage && !request.requestHeader('origin')
}
