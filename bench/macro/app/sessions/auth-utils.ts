import { getUserSession, setUserSession } from '#bench/auth-utils'
import { defineEventHandler } from 'h3'
import { startData } from './handlers.ts'
import type { SessionHandlers } from './handlers.ts'

/** nuxt-auth-utils. */
export const authUtils: SessionHandlers = {
  start: defineEventHandler(async (event) => {
    const { n } = await setUserSession(event, startData(event))
    return { n }
  }),
  read: defineEventHandler(async (event) => {
    const session = await getUserSession(event)
    return { n: session.n ?? 0 }
  }),
  write: defineEventHandler(async (event) => {
    const session = await getUserSession(event)
    const { n } = await setUserSession(event, { n: Number(session.n ?? 0) + 1 })
    return { n }
  }),
}
