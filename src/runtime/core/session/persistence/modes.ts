import type { SessionContext } from '../context'
import { cookiePersistence } from './cookie'
import type { Persistence } from './persistence'
import { storePersistence } from './store'

/** The persistence of a context. */
export function persistenceOf({ store }: Pick<SessionContext, 'store'>): Persistence {
  return store === undefined ? cookiePersistence : storePersistence
}
