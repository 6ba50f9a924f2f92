import type { Overwrite } from './protocol'
import { requestLabel } from './request-label'

/** Which request has replaced or removed the cookie of a session. */
export function describeOverwrite({ call, isRemoval, isClear, isByApp, ...request }: Overwrite, user?: string): string {
  if (isByApp) return `Its cookie was removed by the response to ${requestLabel(request)}: the app has deleted or set a cookie of the same name.`
  if (!call) return `${requestLabel(request)} was running in parallel${isClear ? ', cleared the session' : ''} and began another session, whose cookie was set last.`
  const begun = call.isClear ? 'cleared a session and began this one' : `gave the session a new id${user === undefined ? '' : ` (${user})`}`
  const set = call.isClear ? 'set the cookie of the cleared one again' : 'set the cookie with its old id'
  return `${requestLabel(call)} ${begun}, but ${requestLabel(request)} was running and ${isRemoval ? 'removed its cookie' : set}.`
}
