import type { AppFacts, StoredAnswer } from '../runtime/server/devtools/messages'
import type { ApiContext } from './api'
import { LIMITS } from './inspector'
import type { InspectedStore, StateResponse } from './protocol'

/** All that the panel shows, to a browser with this `Cookie` header. */
export async function stateOf(context: ApiContext, cookie: string): Promise<StateResponse> {
  const { inspector, channel, presets } = context
  const app = await channel.send<AppFacts>({ op: 'names' })
  const { names, maxBytes } = app
  const { stores, own } = await followStores(context, app, cookie)
  const seenNames = new Set([...names, ...inspector.timeline.map(event => event.name)])
  const now = Date.now()
  return {
    seq: inspector.seq,
    now,
    sessions: inspector.sessions(cookie, [...seenNames], now, own),
    timeline: [...inspector.timeline],
    names,
    presets,
    limits: { ...LIMITS, maxBytes },
    stores,
  }
}

/** Looks into the configured stores and those of which sessions were seen. */
async function followStores({ inspector, channel }: ApiContext, { names, storages }: AppFacts, cookie: string): Promise<Pick<StoredAnswer, 'own'> & { stores: InspectedStore[] }> {
  const seen = inspector.storedHandles()
  const mounts = [...new Set([...Object.values(storages), ...seen.keys()])]
  const namesIn = (storage: string) => names.filter(name => storages[name] === storage)
  if (mounts.length === 0) return { stores: [], own: [] }
  const places = mounts.map(storage => ({ storage, handles: seen.get(storage) ?? [] }))
  const { reports, own } = await channel.send<StoredAnswer>({ op: 'stored', places, cookie })
  inspector.follow(reports, storage => namesIn(storage)[0] ?? '')
  return { stores: reports.map(({ storage, hasMore, error }) => ({ storage, names: namesIn(storage), hasMore, error })), own }
}
