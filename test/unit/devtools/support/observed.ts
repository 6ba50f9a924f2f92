import type { ObservedMessage } from '../../../../src/runtime/server/devtools/messages'

/** A message of the worker, of a session in a cookie unless told otherwise. */
export function observed(message: Partial<ObservedMessage>): ObservedMessage {
  return { type: 'observed', kind: 'load', at: 1000, method: 'GET', path: '/', keeper: 'module', carrier: 'cookie', name: 'h3', ...message }
}

export function session(id: string, data: Record<string, unknown> = {}) {
  return { id, createdAt: 500, data }
}
