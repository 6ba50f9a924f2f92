import { Session } from 'node:inspector/promises'
import { PerformanceObserver } from 'node:perf_hooks'
import { defineEventHandler, getQuery } from 'h3'
import type { EventHandler } from 'h3'
import { sealSession, useSession } from '#session'
import { startData } from './sessions/handlers.ts'

/** Bytes in use, and the number of garbage collections so far. */
export interface HeapState { used: number, collections: number }

/** Routes that report the server's memory. */
export function addInstruments(add: (path: string, handler: EventHandler) => void): void {
  add('/_bench/heap', heapRoute())
  add('/_bench/tokens', tokensRoute())
  const { start, stop } = profileRoutes()
  add('/_bench/profile/start', start)
  add('/_bench/profile/stop', stop)
}

/** With `?collect=1` collects first, which needs `--expose-gc`. */
function heapRoute(): EventHandler {
  let collections = 0
  new PerformanceObserver(list => collections += list.getEntries().length).observe({ entryTypes: ['gc'] })
  return defineEventHandler(async (event): Promise<HeapState> => {
    if (getQuery(event).collect) globalThis.gc?.()
    const { heapUsed } = process.memoryUsage()
    // The observer is called a little later.
    await new Promise(resolve => setTimeout(resolve, 20))
    return { used: heapUsed, collections }
  })
}

/** `?count=` different seals of one session of ours with `?bytes=`. */
function tokensRoute(): EventHandler {
  return defineEventHandler(async (event) => {
    const session = await useSession(event)
    await session.update(startData(event))
    const count = Number(getQuery(event).count)
    const tokens: string[] = []
    while (tokens.length < count) tokens.push(await sealSession(event))
    return tokens
  })
}

function profileRoutes(): Record<'start' | 'stop', EventHandler> {
  const session = new Session()
  return {
    start: defineEventHandler(async () => {
      session.connect()
      await session.post('Profiler.enable')
      await session.post('Profiler.setSamplingInterval', { interval: 100 })
      await session.post('Profiler.start')
      return {}
    }),
    stop: defineEventHandler(async () => {
      const { profile } = await session.post('Profiler.stop')
      session.disconnect()
      return profile
    }),
  }
}
