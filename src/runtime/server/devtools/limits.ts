import { endedBy, expiresAt } from '../../core/model/lifetimes'
import type { Lifetimes } from '../../core/model/lifetimes'
import type { Session } from '../../core/model/types'

type Times = Pick<Session, 'createdAt' | 'lastSeenAt' | 'maxAge' | 'idleTimeout'>

/** When a session ends, and by which limit. */
export function endOf(session: Times, config: Lifetimes): { expiresAt?: number, limit?: string } {
  const end = expiresAt(session, config)
  return end === undefined ? {} : { expiresAt: end, limit: limitOf(session, config, endedBy(session, config, end)) }
}

/** Names the limit that has ended a session: its own or the configured one. */
export function limitOf({ maxAge, idleTimeout }: Times, config: Lifetimes, reason: string | undefined): string | undefined {
  if (reason === 'idle') return nameOf('idleTimeout', idleTimeout, config.idleTimeout)
  return reason === 'expired' ? nameOf('maxAge', maxAge, config.maxAge) : undefined
}

function nameOf(option: 'maxAge' | 'idleTimeout', own: number | false | undefined, configured: number | undefined): string | undefined {
  if (typeof own === 'number') return `the ${option} that regenerate() gave it (${own} s)`
  return configured === undefined ? undefined : `${option} (${configured} s)`
}
