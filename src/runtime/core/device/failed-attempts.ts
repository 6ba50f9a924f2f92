import { BoundedCache } from '../utils/bounded-cache'

/** A browser that returns after a pause fails once, because its challenge has ended. */
const MAX_ATTEMPTS = 60
/** Short, because whoever fails on purpose may have copied what the request shows of the session. */
const PERIOD_MS = 60 * 1000
const MAX_BUDGETS = 10_000

interface Period { since: number, attempts: number }

/**
 * Counts the requests to the endpoint that bind and renew nothing. Verifying a signature costs more than all the rest of
 * a request, so too many of them have to wait; those with the same texts as before, before anything of them is opened.
 * One for the process.
 *
 * A budget belongs to a login, whatever ids its session gets. Whoever has ten thousand logins can have budgets forgotten,
 * which refuses nobody: each begins anew.
 */
export class FailedAttempts {
  private readonly periods = new BoundedCache<string, Period>({ maxEntries: MAX_BUDGETS })
  /** The budgets of requests that had to wait, by the texts that show their session. */
  private readonly usedUp = new BoundedCache<string, string>({ maxEntries: MAX_BUDGETS })

  /** Counts an attempt before its outcome is known. Returns `false` if it is one too many. `now`: milliseconds since 1970. */
  take(budget: string, now: number): boolean {
    const period = this.current(budget, now)
    if (period === undefined) this.periods.set(budget, { since: now, attempts: 1 })
    else if (period.attempts < MAX_ATTEMPTS) period.attempts++
    else return false
    return true
  }

  /** Takes back an attempt that has succeeded. */
  giveBack(budget: string): void {
    const period = this.periods.get(budget)
    if (period !== undefined && period.attempts > 0) period.attempts--
  }

  /** Seconds until the next attempt is allowed; 0 if it is now. */
  waitFor(budget: string, now: number): number {
    const period = this.current(budget, now)
    return period === undefined || period.attempts < MAX_ATTEMPTS ? 0 : Math.ceil((period.since + PERIOD_MS - now) / 1000)
  }

  /** Lets further requests with the same texts wait without a search for their session. */
  remember(shown: string, budget: string): void {
    this.usedUp.set(shown, budget)
  }

  /** The budget of requests with these texts, if one of them had to wait, and they still have to. */
  usedUpBudget(shown: string, now: number): string | undefined {
    const budget = this.usedUp.get(shown)
    return budget !== undefined && this.waitFor(budget, now) > 0 ? budget : undefined
  }

  private current(budget: string, now: number): Period | undefined {
    const period = this.periods.get(budget)
    return period !== undefined && Math.abs(now - period.since) < PERIOD_MS ? period : undefined
  }
}
