import { defineEventHandler } from 'h3'
import { useSession } from '#session'
import type { SessionConfig } from '#session'
import type { CounterData } from '../../../session-data.ts'
import { startData } from './handlers.ts'
import type { SessionHandlers } from './handlers.ts'
import { ours } from './ours.ts'

/** Our sessions, of users who have logged in. */
export function users(config: SessionConfig): SessionHandlers {
  return {
    ...ours(config),
    start: defineEventHandler(async (event) => {
      const session = await useSession<CounterData>(event, config)
      await session.regenerate({ userId: crypto.randomUUID(), data: startData(event) })
      return { n: session.data.n }
    }),
  }
}
