import { defineEventHandler } from 'h3'
import type { H3Event } from 'h3'
import { getIronSession } from 'iron-session'
import { TEST_PASSWORD } from '../../../passwords.ts'
import type { CounterData } from '../../../session-data.ts'
import { startData } from './handlers.ts'
import type { SessionHandlers } from './handlers.ts'

const CONFIG = { cookieName: 'iron-session', password: TEST_PASSWORD }

const open = (event: H3Event) => getIronSession<Partial<CounterData>>(event.node.req, event.node.res, CONFIG)

/** iron-session. */
export const ironSession: SessionHandlers = {
  start: defineEventHandler(async (event) => {
    const session = await open(event)
    Object.assign(session, startData(event))
    await session.save()
    return { n: session.n }
  }),
  read: defineEventHandler(async (event) => {
    const session = await open(event)
    return { n: session.n ?? 0 }
  }),
  write: defineEventHandler(async (event) => {
    const session = await open(event)
    session.n = (session.n ?? 0) + 1
    await session.save()
    return { n: session.n }
  }),
}
