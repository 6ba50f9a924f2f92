import type { SessionContext } from './context'
import { assertSessionSerializable } from '../model/serializable'

/**
 * Asserts that JSON keeps the data. In development, warns once about each place that JSON converts.
 * @throws SESSION_NOT_SERIALIZABLE
 */
export function assertStorable({ env, state }: Pick<SessionContext, 'env' | 'state'>): void {
  assertSessionSerializable(state.record, env.isDevelopment ? (path, type) => env.warnOnce(messageOf(path, type)) : undefined)
}

function messageOf(path: string, type: string): string {
  // One message for all items of a list.
  const place = path.replaceAll(/\[\d+\]/g, '[]')
  const stored = type === 'Date' ? 'a string, such as "2026-11-28T00:00:00.000Z"' : 'what JSON.stringify makes of it'
  return `${place} is of type ${type}. JSON stores ${stored}, and that is what the next request reads.`
}
