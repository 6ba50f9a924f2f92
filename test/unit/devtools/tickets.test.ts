import { describe, expect, it } from 'vitest'
import { TICKET_LIFETIME_MS, Tickets } from '../../../src/devtools/tickets'

const REQUEST = { name: 'h3', data: { user: 'ada' } }

describe('Tickets', () => {
  it('redeems a ticket once', () => {
    const { tickets } = create()
    const { ticket } = tickets.issue(REQUEST)
    expect(tickets.redeem(ticket)).toEqual(REQUEST)
    expect(tickets.redeem(ticket)).toBeUndefined()
  })

  it('redeems until 30 seconds have passed, and not after', () => {
    const { tickets, pass } = create()
    const [early, late] = [tickets.issue(REQUEST), tickets.issue(REQUEST)]
    expect(early.expiresAt).toBe(1000 + 30_000)
    pass(TICKET_LIFETIME_MS - 1)
    expect(tickets.redeem(early.ticket)).toEqual(REQUEST)
    pass(1)
    expect(tickets.redeem(late.ticket)).toBeUndefined()
    pass(-TICKET_LIFETIME_MS)
    expect(tickets.redeem(late.ticket), 'not even when the clock is set back').toBeUndefined()
  })

  it('creates unique tickets of 256 bits', () => {
    const { tickets } = create()
    const made = new Set(Array.from({ length: 100 }, () => tickets.issue(REQUEST).ticket))
    expect(made.size).toBe(100)
    for (const ticket of made) expect(ticket).toMatch(/^[\w-]{43}$/)
  })

  it.each(['', '__proto__', 'constructor', 'toString'])('redeems nothing for "%s"', (ticket) => {
    expect(create().tickets.redeem(ticket)).toBeUndefined()
  })
})

function create() {
  let now = 1000
  return { tickets: new Tickets(() => now), pass: (milliseconds: number) => { now += milliseconds } }
}
