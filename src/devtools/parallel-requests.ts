import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'

/** How soon a request arrives that its browser has sent before it got a response, in milliseconds. */
const MAX_LATE_MS = 200
/** How soon a browser sends a request that has waited for a response, in milliseconds. */
const MAX_QUEUE_MS = 1000

/** A request, and the response with its cookies. */
export interface AnsweredRequest extends Pick<ObservedMessage, 'client' | 'method' | 'path'> { answer: Answer }

/** The request of a message. The browser of an inner one is not known: it may lack the user agent. */
export function requestOf({ client, method, path, answeredBy }: ObservedMessage, answer: Answer): AnsweredRequest {
  return { answer, client: answeredBy === undefined ? client : undefined, method, path }
}

/** Whether a browser may have sent a request before it got a response. */
export function isSentBefore(startedAt: number, sentAt = Infinity): boolean {
  return startedAt - sentAt <= MAX_LATE_MS
}

/**
 * Whether a browser may have sent a request before it got the response to another one. Of another client: whether it began
 * before that response was sent. Browsers send parallel GETs of the same URL one after the other, each with the cookie
 * from before the first (Chromium waits for its HTTP cache).
 */
export function isParallel({ answer: { startedAt }, client, method, path }: AnsweredRequest, other: AnsweredRequest): boolean {
  const { sentAt = Infinity } = other.answer
  if (startedAt <= sentAt) return true
  if (client === undefined || client !== other.client) return false
  const isSameGet = method === 'GET' && other.method === 'GET' && path === other.path
  return isSentBefore(startedAt, sentAt) || (isSameGet && startedAt - sentAt <= MAX_QUEUE_MS)
}
