import { longerBy } from '../../../src/devtools/explain'
import { describeOverwrite } from '../../../src/devtools/explain-overwritten'
import { describeUndelivered } from '../../../src/devtools/explain-undelivered'
import { endOf, isFailure } from '../../../src/devtools/kinds'
import type { Clear, InspectedRequest, Overwrite } from '../../../src/devtools/protocol'
import { requestLabel } from '../../../src/devtools/request-label'
import { CLEAR_FIX, clearLabel, describeClear, describeRevocation } from '../../../src/devtools/revocation'
import { formatDate } from './format'
import { markOf } from './marks'
import { isCookieCheck, isOfPanel, stepsOf } from './requests'
import type { PanelSession, Rejected } from './state'

/** Why a session has ended, and how to fix that. */
export interface Why {
  text: string
  fix: string
  /** The files and lines of the call that ended it. */
  sources: readonly string[]
}

type Ended = NonNullable<PanelSession['ended']>

const ENDS: Record<Ended, { text: string, fix?: string }> = {
  cleared: { text: 'It was cleared', fix: CLEAR_FIX },
  regenerated: { text: 'It got a new id', fix: 'The session goes on under the new id. If the visitor lost it, the response with the new cookie did not arrive, or another cookie of the same name is sent first.' },
  revoked: { text: 'It was revoked', fix: 'If this session should stay, do not revoke it there.' },
  expired: { text: 'It has expired' },
  malformed: { text: 'Its record in the store is not valid', fix: 'Something else writes to this store: give the sessions a mount of their own.' },
  gone: { text: 'Its store has no record of it: the record was lost or removed', fix: 'If the store was restarted, use one that keeps its data. A store in memory is empty after each restart.' },
}

/** Why a session has ended or does not come back, by its mark. `undefined` if it has none. */
export function whyEnded(session: PanelSession, requests: readonly InspectedRequest[], now: number): Why | undefined {
  const { name, transport, cookie, isLost } = session
  const mark = markOf(session, now)
  switch (mark?.kind) {
    case undefined: return undefined
    case 'ended': return explainEnd(session, mark.ended, requests)
    case 'rejected': return because(`The app rejects its ${transport === 'header' ? 'token' : `cookie "${name}"`}. ${withLastRequest(mark.rejected)}`.trimEnd())
    case 'replaced by DevTools': return because(`A session that DevTools created in this browser has replaced its cookie "${name}".`)
    case 'overwritten': return explainOverwrite(mark.overwritten)
    case 'cookie expired': return because(
      `Its cookie expired at ${formatDate(mark.expires)}, so ${isLost ? 'this' : 'its'} browser no longer sends it.`,
      'To keep the cookie as long as the session, leave out cookie.maxAge and cookie.expires, or raise them.',
    )
    case 'cookie lost': return explainRefusal(session, requests) ?? because(
      `This browser does not send its cookie any more: the cookie was ${cookie ? 'deleted or replaced' : 'deleted, replaced or has expired in the browser'}.`,
      'Look for code of the page or the app that sets a cookie of this name, with another Path or Domain too.',
    )
    case 'used after clear': return explainReplay(session, mark.cleared, requests)
    case 'did not arrive': return because(describeUndelivered(mark.undelivered))
    case 'never came back': return because(
      `Its cookie never came back: ${mark.unreturned}, the next request from the same address and browser, did not send it.`,
      `${cookie?.comesBack === 'always' ? 'Its attributes do not keep browsers from sending it: it was deleted, or the request left it out.' : 'The tab “Cookie” shows what keeps a browser from sending it.'} A fetch() to another origin also needs credentials: 'include'.`,
    )
  }
}

function because(text: string, fix = '', sources: readonly string[] = []): Why {
  return { text, fix, sources }
}

/** Why the server does not accept the cookie that this browser sends in place of the session's. */
function explainRefusal({ name, lastUsedAt }: PanelSession, requests: readonly InspectedRequest[]): Why | undefined {
  const check = stepsOf(requests).findLast(({ request, event }) => isCookieCheck(request, event) && event.name === name && event.at >= lastUsedAt)
  return check && because(`The server does not accept the cookie "${name}" that this browser sends. ${check.event.explanation ?? ''}`.trimEnd())
}

/** Why the browser has another cookie, or none. */
function explainOverwrite(overwritten: Overwrite): Why {
  const { kind, call } = overwritten
  const text = describeOverwrite(overwritten)
  switch (kind) {
    case 'app': return because(text, 'A logout by clearSession() of h3, or clearUserSession() of nuxt-auth-utils, does this too. Else call the session\'s clear(), not deleteCookie(), and give other cookies another name.')
    case 'removal': return because(`Its cookie was removed: ${text}`, CLEAR_IN_TURN)
    case 'clear': return because(replacedBy(text), CLEAR_IN_TURN)
    case 'old cookie':
    case 'other session': return because(replacedBy(text), call ? storeAdvice('such a write') : 'Begin the session in one request, before the parallel ones.')
  }
}

const CLEAR_IN_TURN = 'Do not call clear() in parallel to a request that begins a session or gives it a new id.'

function replacedBy(overwrite: string): string {
  return `Its cookie was replaced: ${overwrite} The browser keeps the cookie of the response that arrives last.`
}

function storeAdvice(refused: string): string {
  return `Keep this session in a store (storage), which refuses ${refused}, or do not write it in parallel requests.`
}

/** Why a cleared cookie session is still in use. */
function explainReplay({ key }: PanelSession, cleared: Clear, requests: readonly InspectedRequest[]): Why {
  const steps = stepsOf(requests).filter(({ event }) => event.key === key)
  const call = steps.findLast(({ event }) => event.kind === 'clear')
  if (cleared.undoneBy) return because(
    `It was cleared by ${requestLabel(cleared)}, but ${requestLabel(cleared.undoneBy)} was running: its response has set the cookie again.`,
    storeAdvice('a write after clear()'),
    call?.event.sources,
  )
  const use = steps.find(({ request, event }) => !isFailure(event.kind) && event.kind !== 'clear' && request.at > cleared.at)
  return because(
    `It was cleared by ${clearLabel(cleared)}${use ? `, and used again by ${requestLabel(use.request)}` : ', and used again'}. clear() removes the cookie from the browser, but a copy of the cookie stays valid until it expires.`,
    'To end sessions for all copies of their cookie, keep them in a store (storage).',
    call?.event.sources,
  )
}

/** How to make a session longer: by the option of the limit that has ended it. */
function raise(limit: string | undefined): string {
  const options = ['maxAge', 'idleTimeout'].filter(option => limit === undefined || limit.includes(option))
  return longerBy(options.join(' or '), limit)
}

function explainEnd({ key, next, limit, revoked, cleared }: PanelSession, ended: Ended, requests: readonly InspectedRequest[]): Why {
  const { text, fix = raise(limit) } = ENDS[ended]
  const steps = stepsOf(requests)
  // A new id is an event of the new session.
  const call = steps.findLast(({ event }) => endOf(event.kind) === ended && event.key === (ended === 'regenerated' ? next ?? key : key))
  if (revoked) return { ...describeRevocation(revoked), sources: call?.event.sources ?? [] }
  if (ended === 'cleared' && cleared?.isClientCall) return { ...describeClear(cleared), sources: [] }
  if (call) return because(`${text} by ${requestLabel(call.request)}.`, fix, call.event.sources)
  const reject = steps.findLast(({ event }) => event.kind === 'reject' && event.key === key)
  // The sentence of a rejected token contains its fix.
  if (reject?.event.explanation !== undefined) return because(withLastRequest({ ...reject.request, ...reject.event }))
  return because(`${text}${ended === 'expired' && limit !== undefined ? ` at the end of ${limit}` : ''}.`, fix)
}

/** The sentence of a rejected token, without what the cause of its session's end says. Empty if nothing is left. */
export function withoutCause(explanation: string, { text }: Why): string {
  return explanation.split(text, 1)[0]!.trim()
}

/** Why a token was rejected, and in which request. */
function withLastRequest({ explanation = '', ...request }: Rejected): string {
  return isOfPanel(request) ? explanation : `${explanation} Its last request was ${requestLabel(request)}.`.trimStart()
}
