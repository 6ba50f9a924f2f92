import hapi from '@hapi/iron'
import { sealSession, unsealSession } from 'h3-next'
import type { HTTPEvent } from 'h3-next'
import * as iron from 'iron-webcrypto'
import { sealOptions } from '../seal-options.ts'
import type { SessionRecord } from '../session-data.ts'
import type { Sealer } from './ours.ts'

/** The reference implementation, also used by h3 v1. */
export function createIronWebCrypto(password: string): Sealer {
  const crypto = globalThis.crypto as Parameters<typeof iron.seal>[0]
  return {
    seal: record => iron.seal(crypto, record, password, iron.defaults),
    unseal: token => iron.unseal(crypto, token, password, iron.defaults),
  }
}

export function createHapiIron(password: string): Sealer {
  return {
    seal: record => hapi.seal(record, password, hapi.defaults),
    unseal: token => hapi.unseal(token, password, hapi.defaults),
  }
}

/** h3 v2's seals by its public functions, which need an event with the session. */
export function createH3v2(password: string, iterations: number): Sealer {
  const config = { name: 'h3', password, seal: sealOptions(iterations) }
  return {
    seal: record => sealSession(eventOf(record), config),
    unseal: token => unsealSession(eventOf(), config, token),
  }
}

function eventOf(record?: SessionRecord): HTTPEvent {
  return { context: { sessions: { h3: record } }, req: { context: {} } } as unknown as HTTPEvent
}
