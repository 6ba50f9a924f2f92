import { randomBytes } from 'node:crypto'
import type { CreateRequest } from './protocol'

export const TICKET_LIFETIME_MS = 30_000

/** Tickets of links that create a session in the browser that opens them. Each works once, for 30 seconds. */
export class Tickets {
  #open = new Map<string, { request: CreateRequest, expiresAt: number }>()

  constructor(private readonly now: () => number) {}

  issue(request: CreateRequest): { ticket: string, expiresAt: number } {
    for (const [ticket, { expiresAt }] of this.#open) {
      if (expiresAt <= this.now()) this.#open.delete(ticket)
    }
    const ticket = randomBytes(32).toString('base64url')
    const expiresAt = this.now() + TICKET_LIFETIME_MS
    this.#open.set(ticket, { request, expiresAt })
    return { ticket, expiresAt }
  }

  /** Returns the ticket's request, or `undefined` if the ticket is unknown, used or expired. */
  redeem(ticket: string): CreateRequest | undefined {
    const entry = this.#open.get(ticket)
    this.#open.delete(ticket)
    return entry && entry.expiresAt > this.now() ? entry.request : undefined
  }
}
