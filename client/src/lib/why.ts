import { longerBy } from '../../../src/devtools/explain'
import { describeOverwrite } from '../../../src/devtools/explain-overwritten'
import { describeUndelivered } from '../../../src/devtools/explain-undelivered'
import { endOf, isFailure } from '../../../src/devtools/kinds'
import type { InspectedCookie, InspectedRequest, Overwrite } from '../../../src/devtools/protocol'
import { requestLabel } from '../../../src/devtools/request-label'
import { CLEAR_FIX, clearLabel, describeClear, describeRevocation } from '../../../src/devtools/revocation'
import { formatDate } from './format'
import { markOf } from './marks'
import type { MarkKind } from './marks'
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
  const { name, isLost, lastUsedAt } = session
  const kind = markOf(session, now)?.kind
  const isRefused = isLost && kind !== 'ended' && kind !== 'rejected'
  const check = isRefused && stepsOf(requests).findLast(({ request, event }) => isCookieCheck(request, event) && event.name === name && event.at >= lastUsedAt)
  if (check) return because(`The server does not accept the cookie "${name}" that this browser sends. ${check.event.explanation ?? ''}`.trimEnd())
  return kind && EXPLANATIONS[kind](session, requests)
}

const EXPLANATIONS: Record<MarkKind, (session: PanelSession, requests: readonly InspectedRequest[]) => Why> = {
  'ended': explainEnd,
  'rejected': ({ rejected, transport, name }) => because(`The app rejects its ${transport === 'header' ? 'token' : `cookie "${name}"`}. ${withLastRequest(rejected!)}`.trimEnd()),
  'replaced': ({ name }) => because(`A session that DevTools created in this browser has replaced its cookie "${name}".`),
  'overwritten': ({ overwritten }) => explainOverwrite(overwritten!),
  'cookie expired': ({ cookie, isLost }) => because(
    `Its cookie expired at ${formatDate(cookie!.attributes.expires!)}, so ${isLost ? 'this' : 'its'} browser no longer sends it.`,
    'To keep the cookie as long as the session, leave out cookie.maxAge and cookie.expires, or raise them.',
  ),
  'lost': ({ cookie }) => because(
    `This browser does not send its cookie any more: the cookie was ${cookie ? 'deleted or replaced' : 'deleted, replaced or has expired in the browser'}.`,
    'Look for code of the page or the app that sets a cookie of this name, with another Path or Domain too.',
  ),
  'cleared': explainReplay,
  'undelivered': ({ undelivered }) => because(describeUndelivered(undelivered!)),
  'unreturned': ({ unreturned }) => because(
    `Its cookie never came back: ${unreturned}, the next request from the same address and browser, did not send it.`,
    'The tab “Cookie” shows what keeps a browser from sending it. A fetch() to another origin also needs credentials: \'include\'.',
  ),
}

function because(text: string, fix = '', sources: readonly string[] = []): Why {
  return { text, fix, sources }
}

/** Why the browser has another cookie, or none. */
function explainOverwrite(overwritten: Overwrite): Why {
  const sentence = describeOverwrite(overwritten)
  if (overwritten.isRemoval) return because(`Its cookie was removed: ${sentence}`, 'Do not call clear() in parallel to a request that begins a session.')
  const fix = overwritten.call ? 'Keep this session in a store (storage), which refuses such a write, or do not write it in parallel requests.' : 'Begin the session in one request, before the parallel ones.'
  return because(`Its cookie was replaced: ${sentence} The browser keeps the cookie of the response that arrives last.`, fix)
}

/** Why a cleared cookie session is still in use. */
function explainReplay({ key, ...session }: PanelSession, requests: readonly InspectedRequest[]): Why {
  const cleared = session.cleared!
  const steps = stepsOf(requests).filter(({ event }) => event.key === key)
  const call = steps.findLast(({ event }) => event.kind === 'clear')
  if (cleared.undoneBy) return because(
    `It was cleared by ${requestLabel(cleared)}, but ${requestLabel(cleared.undoneBy)} was running: its response has set the cookie again.`,
    'Keep this session in a store (storage), which refuses a write after clear(), or do not write it in parallel requests.',
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

function explainEnd({ key, next, ended, limit, revoked, cleared }: PanelSession, requests: readonly InspectedRequest[]): Why {
  const { text, fix = raise(limit) } = ENDS[ended!]
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

/** Whether the cookie will come back to the origin that has set it. */
export function cookieVerdict({ comesBack, origin, attributes: { sameSite } }: Pick<InspectedCookie, 'comesBack' | 'origin' | 'attributes'>): string {
  const to = origin === undefined ? '' : ` to ${origin}`
  if (comesBack === 'never') return `No. Browsers do not send this cookie${to}:`
  if (comesBack === 'sometimes') return `Yes, but not from every browser or with every request${to}:`
  const from = sameSite?.toLowerCase() === 'none' ? '' : ' from the same site'
  return `Yes. Browsers store this cookie and send it with every request${to}${from}.`
}
