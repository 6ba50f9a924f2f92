import type { SessionContext } from '../context'
import { cookiePersistence } from './cookie'
import type { Persistence } from './persistence'
import { storePersistence } from './store'

/** How a session is kept. Nobody else asks whether there is a store. */
export function persistenceOf({ store }: Pick<SessionContext, 'store'>): Persistence {
  return store === undefined ? cookiePersistence : storePersistence
}
