import type { CookieLimits } from '../../../src/runtime/server/devtools/messages'
import type { InspectorLimits } from '../../../src/devtools/protocol'
import { formatBytes, plural } from './format'
import type { PanelSession } from './state'

type Sized = Pick<PanelSession, 'name' | 'keeper' | 'transport' | 'storage' | 'recordBytes' | 'bytes' | 'chunks' | 'ended' | 'rejected'>

/** Above this share of its limit, a session is nearly too large. */
const NEARLY = 0.8

/** The most bytes that a session's cookies may have: `cookie.maxBytes`, or the length of a seal. `undefined` for a session without such a limit. */
export function sizeLimit({ name, keeper, transport, storage, chunks }: Sized, limits: InspectorLimits): number | undefined {
  if (storage !== undefined || transport === 'header') return undefined
  if (keeper === 'h3') return chunks > 1 ? undefined : limits.cookieBytes
  const { maxBytes } = cookieLimits(name, limits) ?? {}
  return maxBytes && Math.min(maxBytes, limits.sealLength)
}

/** The server does not know the options of a name that only calls have before its next request. Then those of the default session count. */
function cookieLimits(name: string, { cookies }: InspectorLimits): CookieLimits | undefined {
  return cookies[name] ?? Object.values(cookies)[0]
}

/** The used share of the limit, from 0 to 1. */
export function sizeShare(session: Sized, limits: InspectorLimits): number {
  const limit = sizeLimit(session, limits)
  return limit === undefined ? 0 : Math.min(1, session.bytes / limit)
}

export function sizeTone(session: Sized, limits: InspectorLimits): 'good' | 'warn' {
  return sizeShare(session, limits) > NEARLY ? 'warn' : 'good'
}

/** The size and its limit: `4.9 KB of 7.0 KB, in 2 cookies`. */
export function sizeText(session: Sized, limits: InspectorLimits): string {
  const { storage, recordBytes = 0, transport, bytes, chunks, ended, rejected } = session
  const isOver = ended !== undefined || rejected !== undefined
  if (storage !== undefined) return `${formatBytes(recordBytes)} ${isOver ? 'when last seen ' : ''}in the store “${storage}”`
  if (transport === 'header') return 'sent in a header, not in a cookie'
  if (bytes === 0) return 'not sent yet'
  const limit = sizeLimit(session, limits)
  return `${formatBytes(bytes)}${limit === undefined ? '' : ` of ${formatBytes(limit)}`}${chunks > 1 ? `, in ${plural(chunks, 'cookie')}` : ''}`
}

/** The size, which limit counts for this session, and what happens beyond it. */
export function sizeExplanation(session: Sized, limits: InspectorLimits): string {
  const { name, keeper, transport, storage, bytes, chunks } = session
  const limit = sizeLimit(session, limits)
  const reference = bytes > 0 ? `, and a reference of ${formatBytes(bytes)} in the cookie` : ''
  if (storage !== undefined) return `${sizeText(session, limits)}${reference}. The store sets the limit.`
  if (transport === 'header') return 'Sent in a header: no limit of cookies counts.'
  const now = bytes === 0 ? 'Not sent yet.' : `${sizeText(session, limits)}.`
  if (limit === undefined) return now
  if (keeper === 'h3') return `${now} Browsers drop a larger cookie, and h3 does not report that.`
  const { maxBytes = limit, chunkMaxLength } = cookieLimits(name, limits) ?? {}
  const split = chunks > 1 ? ` A seal of more than ${chunkMaxLength} characters is split (cookie.chunkMaxLength).` : ''
  const which = limit < maxBytes
    ? `The limit of a seal is ${limit} characters. cookie.maxBytes, ${formatBytes(maxBytes)}, is the limit`
    : `The limit, cookie.maxBytes, is${bytes === 0 ? ` ${formatBytes(limit)}` : ''}`
  return `${now} ${which} for all session cookies of a request together, without those that the app rejects. A larger write throws SESSION_TOO_LARGE.${split}`
}
