import { randomUUID } from 'node:crypto'
import { defaults, seal, unseal } from 'iron-webcrypto'
import type { SealOptions } from 'iron-webcrypto'
import type { SetCookie } from './browser'

const CRYPTO = globalThis.crypto as Parameters<typeof seal>[0]

/** The content of a session cookie. */
export interface Payload {
  id: string
  createdAt: number
  data: Record<string, unknown>
  name?: string
  lastSeenAt?: number
  userId?: string
  [key: string]: unknown
}

/** A session as h3 itself would have made it a moment ago. */
export function payload(given: Record<string, unknown> = {}): Payload {
  return { id: randomUUID(), createdAt: Date.now() - 1000, data: { from: 'test' }, ...given }
}

/** Seals with iron-webcrypto itself. */
export function sealPayload(value: unknown, password: string, options: Partial<SealOptions> = {}): Promise<string> {
  return seal(CRYPTO, value, password, { ...defaults, ...options })
}

/** Opens with iron-webcrypto itself. */
export async function openSeal(token: string, password: string, options: Partial<SealOptions> = {}): Promise<Payload> {
  return await unseal(CRYPTO, decodeURIComponent(token), password, { ...defaults, ...options }) as Payload
}

/** Opens a session's cookie, or its chunks as h3 v2 writes them. */
export function openCookies(cookies: SetCookie[], name: string, password: string, options?: Partial<SealOptions>): Promise<Payload> {
  const values = new Map(cookies.map(cookie => [cookie.name, cookie.value]))
  const head = values.get(name) ?? ''
  const count = /^__chunked__(\d+)$/.exec(head)?.[1]
  if (count === undefined) return openSeal(head, password, options)
  const parts = Array.from({ length: Number(count) }, (_, index) => values.get(`${name}.${index + 1}`) ?? '')
  return openSeal(parts.join(''), password, options)
}

/** iron's options with more iterations than its default of one. */
export function withIterations(iterations: number): Partial<SealOptions> {
  return { encryption: { ...defaults.encryption, iterations }, integrity: { ...defaults.integrity, iterations } }
}
