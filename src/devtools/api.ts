import type { IncomingMessage } from 'node:http'
import type { AppFacts, NamedOptions } from '../runtime/server/devtools/messages'
import type { ApiContext } from './api-context'
import { dataOf, sealOf } from './api-data'
import { dataObject, number, placeOf, sessionOf, text } from './api-input'
import type { RequestBody } from './api-input'
import { stateOf } from './api-state'
import { headersForApp } from './browser-request'
import { openInEditor } from './editor'
import type { PanelOperations } from './protocol'
import { unsealText } from './unseal'

/** A response of the API. `cookies` are Set-Cookie lines for the panel's browser. */
interface ApiAnswer<Body> { body?: Body, cookies?: string[] }

type Operation<Body = void> = (context: ApiContext, body: RequestBody, request: IncomingMessage) => Promise<ApiAnswer<Body>>

/** The operations of the panel, by their path below `api/`. */
export const OPERATIONS: { [Name in keyof PanelOperations]: Operation<ReturnType<PanelOperations[Name]>> } = {
  state: async (context, _, request) => ({ body: await stateOf(context, request) }),
  data: async (context, body) => ({ body: await dataOf(context, sessionOf(context, body)) }),
  async event({ inspector }, { seq }) {
    const body = inspector.requests.dataOf(Number(seq))
    if (!body) throw new Error('The data of this event is no longer kept.')
    return { body }
  },
  options: async ({ channel }) => ({ body: { sessions: await channel.send<NamedOptions[]>({ op: 'options' }) } }),
  async forget({ inspector, notifier }) {
    inspector.forget(Date.now())
    notifier.changed()
    return {}
  },
  async open({ inspector, rootDir }, body) {
    const source = text(body.source, 'source')
    if (!inspector.hasSource(source)) throw new Error('No event has this source.')
    await openInEditor(rootDir, source)
    return {}
  },
  edit: act('edit'),
  restore: act('edit'),
  regenerate: act('regenerate'),
  expire: act('expire'),
  clear: act('clear'),
  async revoke(context, body) {
    await context.channel.send({ op: 'revoke', place: placeOf(sessionOf(context, body)) })
    return {}
  },
  async create({ tickets, base }, { name, data, userId, maxAge }) {
    const { ticket, expiresAt } = tickets.issue({
      name: text(name, 'name'),
      data: dataObject(data),
      ...userId !== undefined && userId !== '' && { userId: text(userId, 'userId') },
      ...maxAge !== undefined && { maxAge: number(maxAge, 'maxAge') },
    })
    return { body: { link: `${base}/use/${ticket}`, expiresAt } }
  },
  reveal: async (context, body) => ({ body: await sealOf(context, sessionOf(context, body)) }),
  async unseal({ channel }, body) {
    const { names } = await channel.send<AppFacts>({ op: 'app', cookie: '' })
    return { body: await unsealText(channel, text(body.text, 'text'), names) }
  },
}

/** Changes the session of this browser, or the stored session with the body's key without a response to its own browser. */
function act(action: 'edit' | 'regenerate' | 'expire' | 'clear'): Operation {
  return async (context, body, request) => {
    const { channel } = context
    if (body.key === undefined) {
      const data = action === 'edit' ? dataObject(body.data) : undefined
      const { lines } = await channel.send<{ lines: string[] }>({ op: 'act', action, name: text(body.name, 'name'), data, headers: headersForApp(request) })
      return { cookies: lines }
    }
    const place = placeOf(sessionOf(context, body))
    if (action === 'edit') await channel.send({ op: 'edit', place, data: dataObject(body.data) })
    else if (action === 'expire') await channel.send({ op: 'expire', place })
    else throw new Error(`Only a response to the session's own browser can ${action} it.`)
    return {}
  }
}
