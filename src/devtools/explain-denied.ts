import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { dateOf } from './explain'

/** What was recorded before a denied request. `end`: when its browser's cookie expired. `isSeen`: whether a session of its name was seen. */
export interface Denied { end: number | undefined, isSeen: boolean }

/** Explains why a request was denied: the app's own message, and why the request came without a session. */
export function explainDenied({ explanation, name, carrier, configured }: ObservedMessage, { end, isSeen }: Denied): string | undefined {
  const sentences = [explanation]
  if (end !== undefined) sentences.push(`Its cookie expired at ${dateOf(end)}, so the browser no longer sent it.`)
  if (carrier === 'none' && !isSeen && configured && !configured.includes(name))
    sentences.push(`No session "${name}" is configured, and the server has seen none since it started: check the name. Configured: ${configured.map(each => `"${each}"`).join(', ')}.`)
  return sentences.filter(Boolean).join(' ') || undefined
}
