import type { AppFacts, StoredAnswer } from '../runtime/server/devtools/messages'
import type { ApiContext } from './api-context'
import { LIMITS } from './inspector'
import type { InspectedStore, StateResponse } from './protocol'

/** Returns the panel's whole state, as seen by a browser with this `Cookie` header. */
export async function stateOf(context: ApiContext, cookie: string): Promise<StateResponse> {
  const { inspector, channel, presets } = context
  const app = await channel.send<AppFacts>({ op: 'names' })
  const { names, maxBytes } = app
  const { stores, own } = await readStores(context, app, cookie)
  const allNames = new Set([...names, ...inspector.timeline.map(event => event.name)])
  const now = Date.now()
  return {
    seq: inspector.seq,
    now,
    sessions: inspector.sessions(cookie, [...allNames], now, own),
    timeline: [...inspector.timeline],
    names,
    presets,
    limits: { ...LIMITS, maxBytes },
    stores,
  }
}

/** Reads the configured stores, and stores of sessions seen in requests. */
async function readStores({ inspector, channel }: ApiContext, { names, storages }: AppFacts, cookie: string): Promise<Pick<StoredAnswer, 'own'> & { stores: InspectedStore[] }> {
  const handles = inspector.storedHandles()
  const mounts = [...new Set([...Object.values(storages), ...handles.keys()])]
  const namesIn = (storage: string) => names.filter(name => storages[name] === storage)
  if (mounts.length === 0) return { stores: [], own: [] }
  const places = mounts.map(storage => ({ storage, handles: handles.get(storage) ?? [] }))
  const { reports, own } = await channel.send<StoredAnswer>({ op: 'stored', places, cookie })
  inspector.addStoreReports(reports, storage => namesIn(storage)[0] ?? '')
  return { stores: reports.map(({ storage, hasMore, error }) => ({ storage, names: namesIn(storage), hasMore, error })), own }
}
