import type { IncomingMessage } from 'node:http'
import type { AppFacts, OwnReport } from '../runtime/server/devtools/messages'
import type { ApiContext } from './api-context'
import { LIMITS } from './inspector'
import type { StateResponse } from './protocol'

/** What has changed since the request's cursor, with the sessions of its browser. */
export async function stateOf({ inspector, channel, stores, presets, notifier, historyKey }: ApiContext, { url, headers }: IncomingMessage): Promise<StateResponse> {
  notifier.fetched()
  const cookie = headers.cookie ?? ''
  const facts = await channel.send<AppFacts>({ op: 'app', cookie })
  await stores.refresh(facts)
  const { names, cookies, storages, own } = facts
  await inspector.own.open(inspector.own.unknown(cookie, names, own), async (unknown) => {
    for (const { message, verdict } of await channel.send<OwnReport[]>({ op: 'own', cookie, names: unknown })) {
      inspector.record(message)
      if (verdict) inspector.explain(verdict)
    }
  })
  // Also names that only calls have.
  const allNames = new Set([...names, ...inspector.sessions.all().map(({ session }) => session.name)])
  const current = inspector.own.keys(cookie, [...allNames], own)
  inspector.markReturned(current)
  const key = await historyKey()
  // Nothing is awaited from here on: the sessions are those of the stores' reports.
  return {
    ...inspector.changesSince(new URLSearchParams(url?.split('?')[1]).get('since') ?? undefined),
    names, presets, historyKey: key,
    current,
    limits: { ...LIMITS, cookies },
    stores: stores.reports.map(({ storage, hasMore, error }) => ({ storage, names: names.filter(name => storages[name] === storage), hasMore, error })),
  }
}
