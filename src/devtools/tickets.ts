import { randomBytes } from 'node:crypto'
import type { CreateRequest } from './protocol'

export const TICKET_LIFETIME_MS = 30_000

/** Links that put a session into the browser that opens them: each works once, for 30 seconds. */
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

  /** What the ticket was issued for; a second time, or too late, nothing. */
  redeem(ticket: string): CreateRequest | undefined {
    const entry = this.#open.get(ticket)
    this.#open.delete(ticket)
    return entry && entry.expiresAt > this.now() ? entry.request : undefined
  }
}
