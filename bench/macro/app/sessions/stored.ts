import { defineEventHandler, setResponseStatus } from 'h3'
import type { EventHandler } from 'h3'
import { SessionError } from '#session'
import type { SessionHandlers } from './handlers.ts'
import { ours } from './ours.ts'

/** Our sessions in a store. `start` responds with 501 if `storage` is not supported. */
export function stored(storage: string): SessionHandlers {
  const handlers = ours({ name: 'stored', storage })
  return { ...handlers, start: refusedAs501(handlers.start) }
}

function refusedAs501(handler: EventHandler): EventHandler {
  return defineEventHandler(async (event) => {
    try {
      return await handler(event)
    }
    catch (error) {
      if (!isRefusal(error)) throw error
      setResponseStatus(event, 501)
      return { refused: true }
    }
  })
}

function isRefusal(error: unknown): boolean {
  return error instanceof SessionError && error.code === 'SESSION_CONFIG_INVALID'
}
