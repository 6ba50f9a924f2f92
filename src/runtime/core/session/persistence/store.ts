import { SessionError } from '../../model/errors'
import { sealReference } from '../../seal/seal'
import type { SessionContext, StoredContext } from '../context'
import type { Persistence } from './persistence'
import { renewStored } from './stored-renewal'
import { findStored } from './stored-session'
import { EndedError, writeStored } from './stored-write'

/** Stored sessions: the client's token contains only the id. */
export const storePersistence: Persistence = {
  canEndIds: true,
  find: (context, opened) => findStored(inStore(context), opened),
  isStored: ({ state }) => state.stored !== undefined,
  seal: ({ config, env, state }) => sealReference(state.record, config, env.now()),
  commit: (context, kind, prepare) => writeStored(inStore(context), kind, prepare),
  end: (context, prepare) => writeStored(inStore(context), 'clear', prepare),
  renew(context, canSendToken, write) {
    const { migrating, stored } = context.state
    if (migrating && canSendToken) return write('update')
    return stored && renewStored(inStore(context), stored, canSendToken)
  },
  rejectionOf({ state }, error) {
    if (error instanceof EndedError) return 'superseded'
    const isUnchanged = state.migrating !== undefined && !state.isDirty
    return isUnchanged && error instanceof SessionError && error.code === 'SESSION_NOT_SERIALIZABLE' ? 'malformed' : undefined
  },
}

/** {@link storePersistence} is only used with a store. */
function inStore<T extends Pick<SessionContext, 'store'>>(context: T): T & Pick<StoredContext, 'store'> {
  return context as T & Pick<StoredContext, 'store'>
}
