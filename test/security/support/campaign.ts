import fc from 'fast-check'

/** How many inputs a whole campaign has; unset: as few as a normal run of the tests bears. */
const CAMPAIGN_RUNS = Number(process.env.FUZZ_RUNS ?? 0)

/** Whether this is a campaign, and no normal run of the tests. */
export const isCampaign = CAMPAIGN_RUNS > 0

/** Longer than any property takes, also in a campaign on a busy core. */
export const TIMEOUT = isCampaign ? 6 * 60 * 60 * 1000 : 120_000

/**
 * How a property is run: `normal` inputs, in a campaign this share of its inputs. fast-check prints the seed and the
 * path of a failure; `FUZZ_SEED` runs the same inputs again.
 */
export function inputs<T>(normal: number, share: number): fc.Parameters<T> {
  const seed = Number(process.env.FUZZ_SEED ?? Number.NaN)
  return {
    numRuns: isCampaign ? Math.max(normal, Math.round(CAMPAIGN_RUNS * share)) : normal,
    ...Number.isInteger(seed) && { seed },
    // Shrinking a header of 16 KiB by every character takes longer than to read it.
    ...isCampaign && { interruptAfterTimeLimit: TIMEOUT - 60_000, markInterruptAsFailure: true },
  }
}

/** Picks one of the values by weight: rare things are to come, and not to be all that comes. */
export function weighted<T>(...entries: [weight: number, arbitrary: fc.Arbitrary<T>][]): fc.Arbitrary<T> {
  return fc.oneof(...entries.map(([weight, arbitrary]) => ({ weight, arbitrary })))
}
