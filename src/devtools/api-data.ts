import type { ObservedSession } from '../runtime/server/devtools/messages'
import type { ApiContext } from './api-context'
import { placeOf } from './api-input'
import type { RecordedSession } from './inspected'
import type { DataResponse, RevealResponse } from './protocol'

/** The data of a session, from the record or from its store. @throws if it is not kept */
export async function dataOf({ inspector, channel }: ApiContext, session: RecordedSession): Promise<DataResponse> {
  const { key, storage, isCut } = session
  if (isCut) throw new Error('The data is too large to show here.')
  const kept: Pick<ObservedSession, 'data' | 'flash' | 'isCut'> | undefined = inspector.dataOf(key) ?? (storage === undefined ? undefined : await channel.send<ObservedSession | undefined>({ op: 'read', place: placeOf(session) }))
  if (!kept || kept.isCut) throw new Error('The data of this session is too large, or no longer kept.')
  return { data: kept.data, flash: kept.flash } as DataResponse
}

/** Seals a session as its browser has it. @throws if this module cannot */
export async function sealOf(context: ApiContext, recorded: RecordedSession): Promise<RevealResponse> {
  if (recorded.keeper === 'h3') throw new Error('The app manages this session with h3\'s own useSession. This module does not have its password.')
  if (recorded.id === undefined) throw new Error('No request has used this session since the development server started, and the store contains only the hash of its id.')
  const { name, id, createdAt, userId, authenticatedAt, maxAge, idleTimeout, storage, lastUsedAt: lastSeenAt } = recorded
  // The seal of a stored session has no data.
  const { data, flash } = storage === undefined ? await dataOf(context, recorded) : { data: {} }
  const session = { id, createdAt, data, flash, userId, authenticatedAt, maxAge, idleTimeout, name, lastSeenAt }
  return context.channel.send<RevealResponse>({ op: 'reveal', name, isStored: storage !== undefined, session })
}
