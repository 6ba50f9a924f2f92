import type { JsonObject, StateResponse, TimelineEvent, UnsealResult } from '../../../src/devtools/protocol'
import type { PanelApi } from '../lib/panel-api'
import { currentSession } from '../lib/permissions'
import { HOSTILE_SESSION, sampleEvent, sampleHandle, sampleOptions, sampleState } from './sample-data'
import type { SampleState } from './sample-data'

type SampleSession = SampleState['sessions'][number]

const SEAL = `Fe26.2**${'5b1f0c'.repeat(10)}*Qm9-${'x7Zk'.repeat(30)}*1795000000000*${'a0'.repeat(32)}*${'Yh'.repeat(20)}`

/**
 * The panel's API with sample data, for `npm run dev:client`: `?sessions=500`, `?sessions=0`, `?store`, `?store=down`, `?hostile`,
 * `?badges`, `?keys=60`, `?still`.
 * Every few seconds it simulates a request of another browser, but not with `?still`.
 */
export function createSampleApi(onChanged: () => Promise<void>): PanelApi {
  const search = new URLSearchParams(location.search)
  const state = sampleState(Number(search.get('sessions') ?? 12), Date.now())

  if (search.has('badges')) Object.assign(state.sessions[0]!, { origin: 'earlier' })
  if (search.has('hostile')) Object.assign(state.sessions[0]!, HOSTILE_SESSION)

  function record(session: SampleSession, kind: TimelineEvent['kind'], path: string, after?: JsonObject): void {
    const { key, name, id, keeper, data } = session
    const at = Date.now()
    const event = sampleEvent({ seq: at, at, kind, key, name, id, keeper, before: data, after: after ?? data })
    state.requests.push({ id: `sample-${at}`, at, method: 'POST', path, status: 200, duration: 3, events: [event] })
    Object.assign(session, { lastUsedAt: Date.now(), ...after && { data: after } })
  }

  function own(name: string, key?: string): SampleSession {
    const session = key ? state.sessions.find(item => item.key === key) : state.sessions.find(item => item.key === currentSession(name, state)?.key)
    if (!session) throw new Error(`This browser has no session named ${name}.`)
    return session
  }

  let pending: SampleSession | undefined

  if (!search.has('still')) {
    setInterval(() => {
      const session = state.sessions[1]
      if (session) record(session, 'update', '/api/visit', { ...session.data, visits: Number(session.data.visits ?? 0) + 1 })
      void onChanged()
    }, 4000)
  }

  return {
    appUrl: async () => 'http://localhost:3000/',
    state: async () => structuredClone<StateResponse>({ ...state, requests: state.requests.map(request => ({ ...request, events: request.events.map(({ before: _, after: __, ...event }) => event) })), isComplete: true, removed: [], historyKey: 'sample', current: state.sessions.filter(item => item.isCurrent).map(item => item.key) }),
    data: async ({ key }) => own('', key),
    async event({ seq }) {
      const { before, after } = state.requests.flatMap(({ events }) => events).find(event => event.seq === seq) ?? {}
      return { before, after }
    },
    edit: async ({ name, key, data }) => record(own(name, key), 'update', '/__nuxt_session__/api/edit', data),
    restore: async ({ name, key, data }) => record(own(name, key), 'update', '/__nuxt_session__/api/restore', data),
    async regenerate({ name }) {
      const session = own(name)
      const id = crypto.randomUUID()
      record(session, 'regenerate', '/__nuxt_session__/api/regenerate')
      state.sessions.push({ ...session, id, handle: sampleHandle(id), key: `${name}:${id}` })
      Object.assign(session, { ended: 'regenerated', isCurrent: false })
    },
    async expire({ name, key }) {
      Object.assign(own(name, key), { ended: 'expired', isCurrent: false })
    },
    async clear({ name, key }) {
      const session = own(name, key)
      record(session, 'clear', '/__nuxt_session__/api/clear', {})
      Object.assign(session, { ended: 'cleared', isCurrent: false })
    },
    async revoke({ key }) {
      const session = own('', key)
      record(session, 'revoke', '/__nuxt_session__/api/revoke')
      Object.assign(session, { ended: 'revoked', isCurrent: false })
    },
    async create({ name, data, userId, maxAge }) {
      const id = crypto.randomUUID()
      const now = Date.now()
      pending = {
        key: `${name}:${id}`, name, id, handle: sampleHandle(id), userId, createdAt: now, lastUsedAt: now, maxAge, expiresAt: now + (maxAge ?? 7200) * 1000,
        transport: 'cookie', keeper: 'module', data, bytes: 500, chunks: 1, isCurrent: true,
      }
      return { link: `/__nuxt_session__/use/${id}`, expiresAt: now + 30_000 }
    },
    async open() {},
    options: async () => ({ sessions: sampleOptions(state.names) }),
    async forget() {
      state.clears++
      state.requests = []
      state.sessions = state.sessions.filter(session => session.ended === undefined)
    },
    async redeem() {
      if (!pending) throw new Error('The link has expired.')
      for (const session of state.sessions) if (session.name === pending.name) session.isCurrent = false
      state.sessions.push(pending)
      record(pending, 'create', '/__nuxt_session__/enter', pending.data)
    },
    async reveal({ key }) {
      const session = state.sessions.find(item => item.key === key)
      const isHeader = session?.transport === 'header'
      const attributes = session?.cookie?.attributes ?? { httpOnly: true, secure: true, partitioned: false }
      return { cookies: isHeader ? [] : [{ name: session?.name ?? '', value: SEAL }], header: 'x-nuxt-session-session', token: SEAL, cookie: attributes }
    },
    unseal: async ({ text }) => ({ results: [...sampleResults(text, state)], more: 0 }),
  }
}

function sampleResults(text: string, state: SampleState): UnsealResult[] {
  if (!text.includes('Fe26')) return [{ ok: false, seal: '', reason: 'not a seal', explanation: 'A seal begins with Fe26.2 and has eight parts between asterisks. This text contains none.' }]
  const session = state.sessions[0]
  return [
    { ok: true, seal: '', name: 'nuxt-session', passwordIndex: 1, expiresAt: Date.now() + 3_600_000, session: { id: session?.id ?? 'x', userId: '100', createdAt: Date.now() - 600_000, data: session?.data ?? {} } },
    { ok: false, seal: '', name: 'checkout', reason: 'wrong password', explanation: 'None of the 2 configured passwords opens this seal: it was sealed by another app, or with a password that has been removed.' },
  ]
}
