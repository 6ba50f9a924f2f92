import { defineEventHandler } from 'h3'
import type { EventHandler } from 'h3'
import { defineNitroPlugin } from 'nitropack/runtime'
import { iterationsOnly } from '../../../seal-options.ts'
import { floor } from '../floor.ts'
import { addInstruments } from '../instruments.ts'
import { authUtils } from '../sessions/auth-utils.ts'
import { h3v1 } from '../sessions/h3-v1.ts'
import type { SessionHandlers } from '../sessions/handlers.ts'
import { ironSession } from '../sessions/iron-session.ts'
import { ours } from '../sessions/ours.ts'
import { stored } from '../sessions/stored.ts'
import { users } from '../sessions/users.ts'

type Add = (path: string, handler: EventHandler) => void

/** Every route in one app, so that all have the same plain route. */
export default defineNitroPlugin((nitroApp) => {
  const add: Add = (path, handler) => void nitroApp.router.get(path, handler)
  add('/plain', defineEventHandler(() => ({ n: 1 })))
  add('/floor/read', floor.read)
  add('/floor/write', floor.write)
  addSessions(add, '/ours', ours())
  // Like a session library without a token cache.
  addSessions(add, '/keys', ours({ name: 'keys', caches: 'keys' }))
  addSessions(add, '/keys-bare', ours({ name: 'keys', caches: 'keys', cacheHeaders: false }))
  addSessions(add, '/uncached', ours({ name: 'uncached', caches: false }))
  addSessions(add, '/lazy', ours({ name: 'lazy', saveUninitialized: false }))
  // Like sessions that set no cache headers.
  addSessions(add, '/bare', ours({ saveUninitialized: false, cacheHeaders: false }))
  // The same except for the iterations, so that the two can be compared.
  addSessions(add, '/one', ours({ name: 'one', seal: iterationsOnly(1) }))
  addSessions(add, '/slow', ours({ name: 'slow', seal: iterationsOnly(8192) }))
  addSessions(add, '/stored', stored('sessions'))
  addSessions(add, '/users', users({ name: 'users', storage: 'sessions' }))
  addSessions(add, '/bound', users({ name: 'bound' }))
  addSessions(add, '/h3-v1', h3v1)
  addSessions(add, '/auth-utils', authUtils)
  addSessions(add, '/iron-session', ironSession)
  addInstruments(add)
})

function addSessions(add: Add, prefix: string, { start, read, write }: SessionHandlers): void {
  add(`${prefix}/start`, start)
  add(`${prefix}/read`, read)
  add(`${prefix}/write`, write)
}
