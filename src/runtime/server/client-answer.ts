import { clientDataOf, clientKeysOf } from '../core/config/client-data'
import { clear } from '../core/session/transaction'
import type { SessionDataShape } from '../core/model/types'
import type { SessionEvent } from '../adapters/shared/event'
import { isSameOrigin } from '../adapters/shared/origin'
import { useEnvironment } from './environment'
import { openEvent } from './open'
import { foreignOrigin } from './foreign-origin'
import { requireSession } from './utils/require-session'
import type { RequireSessionOptions } from './utils/require-session'

/** Returns the client's part of the data. With `?require=user`, the visitor must be logged in. */
export async function answer(event: SessionEvent, method: string, query: Record<string, unknown>): Promise<SessionDataShape | null> {
  const { host } = useEnvironment()
  if (!isSameOrigin(host.transportOf(event), method)) throw foreignOrigin(host, event)
  if (method === 'DELETE') {
    await clear(await openEvent(event, undefined, 'open'))
    return null
  }
  const requirement = requirementOf(query)
  const data = requirement
    ? (await requireSession<SessionDataShape>(event, requirement)).data
    : (await openEvent(event, undefined, 'open')).state.record.data
  return clientDataOf(data, clientKeysOf(host.sessionConfig(event)))
}

function requirementOf({ require, maxAuthAge }: Record<string, unknown>): RequireSessionOptions | undefined {
  if (require !== 'user' && require !== 'session') return undefined
  return {
    ...require === 'user' && { userId: true },
    // NaN rejects every login.
    ...maxAuthAge !== undefined && { maxAuthAge: Number(maxAuthAge) },
  }
}
