import { H3, getQuery, serve, useSession } from 'h3-next'
import type { SessionConfig } from 'h3-next'
import { TEST_PASSWORD } from '../../passwords.ts'
import { sealOptions } from '../../seal-options.ts'
import { sessionRecord } from '../../session-data.ts'
import type { CounterData } from '../../session-data.ts'
import { HOST, PORT } from './listen.ts'

const app = new H3()
app.get('/plain', () => ({ n: 1 }))
addSessions('/default', { name: 'h3v2', password: TEST_PASSWORD })
addSessions('/one', { name: 'one', password: TEST_PASSWORD, seal: sealOptions(1) })
serve(app, { hostname: HOST, port: PORT, silent: true })

function addSessions(prefix: string, config: SessionConfig): void {
  app.get(`${prefix}/start`, async (event) => {
    const session = await useSession<CounterData>(event, config)
    await session.update(sessionRecord(Number(getQuery(event).bytes), Date.now()).data)
    return { n: session.data.n }
  })
  app.get(`${prefix}/read`, async (event) => {
    const session = await useSession<CounterData>(event, config)
    return { n: session.data.n ?? 0 }
  })
  app.get(`${prefix}/write`, async (event) => {
    const session = await useSession<CounterData>(event, config)
    await session.update({ n: (session.data.n ?? 0) + 1 })
    return { n: session.data.n }
  })
}
