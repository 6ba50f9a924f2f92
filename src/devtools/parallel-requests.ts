import type { ObservedMessage } from '../runtime/server/devtools/messages'
import type { Answer } from './answers'

/** How soon a browser sends a request that has waited for a response, in milliseconds. */
const MAX_QUEUE_MS = 1000

/** A request, and the response with its cookies. */
export interface AnsweredRequest extends Pick<ObservedMessage, 'client' | 'method' | 'path'> { answer: Answer }

/** The request of a message. The browser of an inner one is not known: it may lack the user agent. */
export function requestOf({ client, method, path, answeredBy }: ObservedMessage, answer: Answer): AnsweredRequest {
  return { answer, client: answeredBy === undefined ? client : undefined, method, path }
}

/**
 * Whether a request began before the response to another one was sent. Browsers send parallel GETs of the same URL
 * one after the other, each with the cookie from before the first (Chromium waits for its HTTP cache).
 */
export function isParallel({ answer: { startedAt }, client, method, path }: AnsweredRequest, other: AnsweredRequest): boolean {
  const { sentAt = Infinity } = other.answer
  if (startedAt <= sentAt) return true
  const isSame = client !== undefined && client === other.client && method === 'GET' && other.method === 'GET' && path === other.path
  return isSame && startedAt - sentAt <= MAX_QUEUE_MS
}
