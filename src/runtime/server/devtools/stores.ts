import { parse } from 'cookie-es'
import { administratedStore } from '../../core/session/administration'
import { joinChunks } from '../../core/cookie/cookies'
import type { SessionRecord } from '../../core/store/store'
import { openToken } from '../../core/session/token'
import { useEnvironment } from '../environment'
import { copyOf } from './copy'
import type { AppFacts, ObservedMessage, StoredAnswer, StoredPlace, StoreReport, WorkerCommand } from './messages'
import { editStored, expireStored, revokeStored } from './stored-change'
import { readStore, recordBytes } from './stored-list'

type Places = Extract<WorkerCommand, { op: 'stored' }>['places']

/** Lists stored sessions, and finds those that the cookies refer to. A store's error is part of its report. */
export async function readStores({ places, cookie }: Extract<WorkerCommand, { op: 'stored' }>, { storages }: AppFacts): Promise<StoredAnswer> {
  const [reports, own] = await Promise.all([Promise.all(places.map(reportOf)), ownSessions(cookie, Object.keys(storages))])
  return { reports, own }
}

/** Replaces the data of a stored session. */
export async function edit(place: StoredPlace, data: object): Promise<ObservedMessage> {
  const { before, after } = await editStored(storeOf(place), place.handle, data)
  return toMessage('update', place, before, after)
}

/** Revokes a stored session. */
export async function revoke(place: StoredPlace): Promise<ObservedMessage> {
  return toMessage('revoke', place, await revokeStored(storeOf(place), place.handle), undefined)
}

/** Expires a stored session. */
export async function expire(place: StoredPlace): Promise<ObservedMessage> {
  const { before, after } = await expireStored(storeOf(place), place.handle)
  // The panel shows the old record with its new expiry, because some drivers delete an expired record immediately.
  return { ...toMessage('renew', place, before, before), expiresAt: after.expiresAt }
}

async function reportOf({ storage, handles }: Places[number]): Promise<StoreReport> {
  try {
    const { env, store } = storeOf({ storage })
    return { storage, ...await readStore(store, handles, env.now()) }
  }
  catch (error) {
    return { storage, sessions: [], ended: [], hasMore: false, error: error instanceof Error ? error.message : String(error) }
  }
}

async function ownSessions(cookie: string, names: string[]): Promise<StoredAnswer['own']> {
  const env = useEnvironment()
  const cookies = parse(cookie) as Record<string, string>
  const found = await Promise.all(names.map(async (name) => {
    const token = joinChunks(name, cookies)
    const { config } = env.configs.resolve({ name }, env.host.sessionConfig())
    const opened = token === undefined ? undefined : await openToken(token, config, env.now())
    return opened && 'reference' in opened ? [{ name, handle: env.hash(opened.reference.id) }] : []
  }))
  return found.flat()
}

function storeOf({ name, storage }: { name?: string, storage: string }) {
  const env = useEnvironment()
  return administratedStore(env, env.configs.resolve({ name, storage }, env.host.sessionConfig()).config, 'revokeSession')
}

function toMessage(kind: 'update' | 'renew' | 'revoke', { name, storage, handle }: StoredPlace, before: SessionRecord | undefined, after: SessionRecord | undefined): ObservedMessage {
  return {
    type: 'observed', kind, at: useEnvironment().now(), method: 'DevTools', path: '', keeper: 'module', carrier: 'unknown',
    name, handle, storage,
    before: before && copyOf(before),
    ...after && { session: copyOf(after), expiresAt: after.expiresAt, recordBytes: recordBytes(after) },
  }
}
