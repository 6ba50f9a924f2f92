import { defineEventHandler } from 'h3'
import { useSession } from '#session'
import type { SessionConfig } from '#session'
import type { CounterData } from '../../../session-data.ts'
import { startData } from './handlers.ts'
import type { SessionHandlers } from './handlers.ts'

/** Our sessions; each call gets the same object of options. */
export function ours(config?: SessionConfig): SessionHandlers {
  return {
    start: defineEventHandler(async (event) => {
      const session = await useSession<CounterData>(event, config)
      await session.update(startData(event))
      return { n: session.data.n }
    }),
    read: defineEventHandler(async (event) => {
      const session = await useSession<CounterData>(event, config)
      return { n: session.data.n ?? 0 }
    }),
    write: defineEventHandler(async (event) => {
      const session = await useSession<CounterData>(event, config)
      await session.update({ n: (session.data.n ?? 0) + 1 })
      return { n: session.data.n }
    }),
  }
}
