import type { InspectedRequest, TimelineKind } from '../../../src/devtools/protocol'
import { stepsOf } from './requests'
import type { Step } from './requests'
import type { PanelSession } from './state'

/** Why a session has ended, and how to fix that. */
export interface Why {
  text: string
  fix: string
  /** The files and lines of the call that ended it. */
  sources: readonly string[]
}

const ENDING: readonly TimelineKind[] = ['clear', 'regenerate', 'revoke', 'reject']

type Ended = NonNullable<PanelSession['ended']>

const ENDS: Record<Ended, { text: string, fix: string }> = {
  cleared: { text: 'It was cleared', fix: 'If the visitor should stay logged in, do not call clear() there.' },
  regenerated: { text: 'It got a new id', fix: 'The session goes on under the new id. If the visitor lost it, the response with the new cookie did not arrive, or another cookie of the same name is sent first.' },
  revoked: { text: 'It was revoked', fix: 'If this session should stay, do not revoke it there, or pass it as "except".' },
  expired: { text: 'It has expired', fix: 'For a longer session, raise maxAge or idleTimeout.' },
  malformed: { text: 'Its record in the store is not valid', fix: 'Something else writes to this store: give the sessions a mount of their own.' },
  gone: { text: 'Its store has no record of it: the record was lost or removed', fix: 'If the store was restarted, use one that keeps its data. A store in memory is empty after each restart.' },
}

/** Why a session has ended or does not come back. `undefined` if it has not ended. */
export function whyEnded(session: PanelSession, requests: readonly InspectedRequest[]): Why | undefined {
  const { ended, isLost } = session
  if (ended !== undefined) return explainEnd(session, ended, requests)
  if (isLost) return {
    text: 'This browser does not send its cookie any more: the cookie was deleted, replaced or has expired in the browser.',
    fix: 'Look for code of the page or the app that sets a cookie of this name, with another Path or Domain too.', sources: [],
  }
  return undefined
}

function explainEnd({ key, next }: PanelSession, ended: Ended, requests: readonly InspectedRequest[]): Why {
  // A new id is an event of the new session.
  const step = stepsOf(requests).findLast(({ event }) => ENDING.includes(event.kind) && event.key === (ended === 'regenerated' ? next ?? key : key))
  const { text, fix } = ENDS[ended]
  const isCall = ended === 'cleared' || ended === 'regenerated' || ended === 'revoked'
  // The sentence of a rejected token contains its fix.
  if (step?.event.kind === 'reject') return { text: `${step.event.explanation ?? `${text}.`} Its last request was ${requestLabel(step)}.`, fix: step.event.explanation === undefined ? fix : '', sources: [] }
  if (!isCall) return { text: `${text}.`, fix, sources: [] }
  return { text: `${text}${step ? ` by ${requestLabel(step)}` : ''}.`, fix, sources: step?.event.sources ?? [] }
}

/** The request's method and path, or that it is a call without a request. */
export function requestLabel({ request: { method, path } }: Pick<Step, 'request'>): string {
  return method === '' ? 'a call without a request' : `${method} ${path}`.trimEnd()
}
