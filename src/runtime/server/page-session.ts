import { clientDataOf, clientKeysOf } from '../core/client-data'
import type { SessionContext } from '../core/context'
import { AHEAD, use } from '../core/open'
import { clear } from '../core/operations'
import { followShared } from '../core/shared'
import type { SessionEvent } from '../h3/event'
import type { PageSession, SessionRequirement } from '../shared/page-session'
import { useEnvironment } from './environment'
import { openEvent } from './open'
import { requireSession } from './utils/require-session'

/** The session of a page while it is rendered. */
export function createPageSession(event: SessionEvent, isPersonal: boolean): PageSession {
  let context: SessionContext | undefined
  let failure: unknown
  return {
    isPersonal,
    async load() {
      try {
        if (keysOf(event).length > 0) context = await openEvent(event, undefined, AHEAD)
      }
      catch (error) {
        // A page that does not ask for the session is rendered all the same.
        failure = error
      }
    },
    read() {
      if (failure !== undefined) throw failure
      if (!context) return {}
      followShared(context)
      return clientDataOf(use(context).state.record.data, keysOf(event))
    },
    async clear() {
      await clear(await openEvent(event, undefined, AHEAD))
    },
    meets: requirement => meets(event, requirement),
  }
}

function keysOf(event: SessionEvent): readonly string[] {
  return clientKeysOf(useEnvironment().host.sessionConfig(event))
}

async function meets(event: SessionEvent, { userId = true, maxAuthAge }: SessionRequirement): Promise<boolean> {
  try {
    await requireSession(event, { ...userId && { userId }, maxAuthAge })
    return true
  }
  catch (error) {
    if ((error as { statusCode?: number }).statusCode === 401) return false
    throw error
  }
}
