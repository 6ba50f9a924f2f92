import { defineEventHandler, useSession } from 'h3'
import { TEST_PASSWORD } from '../../../passwords.ts'
import type { CounterData } from '../../../session-data.ts'
import { startData } from './handlers.ts'
import type { SessionHandlers } from './handlers.ts'

const CONFIG = { name: 'h3v1', password: TEST_PASSWORD }

/** h3's own sessions. */
export const h3v1: SessionHandlers = {
  start: defineEventHandler(async (event) => {
    const session = await useSession<CounterData>(event, CONFIG)
    await session.update(startData(event))
    return { n: session.data.n }
  }),
  read: defineEventHandler(async (event) => {
    const session = await useSession<CounterData>(event, CONFIG)
    return { n: session.data.n ?? 0 }
  }),
  write: defineEventHandler(async (event) => {
    const session = await useSession<CounterData>(event, CONFIG)
    await session.update({ n: (session.data.n ?? 0) + 1 })
    return { n: session.data.n }
  }),
}
