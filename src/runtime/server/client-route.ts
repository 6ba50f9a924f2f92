import { clientDataOf, clientKeysOf, clientRouteOf } from '../core/config/client-data'
import { OPEN_ONLY } from '../core/session/open'
import { clear } from '../core/session/operations'
import type { SessionDataShape } from '../core/model/types'
import type { SessionEvent } from '../adapters/shared/event'
import { isSameOrigin } from '../adapters/shared/same-origin'
import { useEnvironment } from './environment'
import { openEvent } from './open'
import type { ClientEndpoint } from '../adapters/shared/served'
import type { ServerEnvironment } from './environment'
import { requireSession } from './utils/require-session'
import type { RequireSessionOptions } from './utils/require-session'

const METHODS = ['GET', 'HEAD', 'DELETE']

/** The endpoint at the path that the environment says when the server starts. */
export function createClientEndpoint({ host }: ServerEnvironment): ClientEndpoint {
  return { route: clientRouteOf(host.sessionConfig()), headersFor, answer: answerClient }
}

/** What every answer of the endpoint says, refusals too. */
function headersFor(method: string): Record<string, string> {
  return {
    // Also where `cacheHeaders` is off: nobody else's browser may show it.
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...!METHODS.includes(method) && { allow: METHODS.join(', ') },
  }
}

/**
 * Answers the browser: the client's part of the data, with `?require=user` only for a visitor who is logged in, or
 * `null` after the session was removed.
 *
 * @throws an answer with status 401, 403 or 405
 */
async function answerClient(event: SessionEvent, method: string, query: Record<string, unknown>): Promise<SessionDataShape | null> {
  const { host } = useEnvironment()
  if (!METHODS.includes(method)) throw host.createHttpError(405, 'SESSION_METHOD_NOT_ALLOWED', 'Ask with GET or DELETE.')
  if (!isSameOrigin(host.transportOf(event), method))
    throw host.createHttpError(403, 'SESSION_FOREIGN_ORIGIN', 'This request comes from another origin.')
  if (method !== 'DELETE') return read(event, requirementOf(query))
  await clear(await openEvent(event, undefined, OPEN_ONLY))
  return null
}

async function read(event: SessionEvent, requirement: RequireSessionOptions | undefined): Promise<SessionDataShape> {
  const data = requirement
    ? (await requireSession<SessionDataShape>(event, requirement)).data
    : (await openEvent(event, undefined, OPEN_ONLY)).state.record.data
  return clientDataOf(data, clientKeysOf(useEnvironment().host.sessionConfig(event)))
}

function requirementOf({ require, maxAuthAge }: Record<string, unknown>): RequireSessionOptions | undefined {
  if (require !== 'user' && require !== 'session') return undefined
  return {
    ...require === 'user' && { userId: true },
    // What is no number is met by no login.
    ...maxAuthAge !== undefined && { maxAuthAge: Number(maxAuthAge) },
  }
}
