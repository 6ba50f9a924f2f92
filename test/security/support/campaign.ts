import fc from 'fast-check'

/** The number of inputs of a campaign. Unset: the few of a normal run. */
const CAMPAIGN_RUNS = Number(process.env.FUZZ_RUNS ?? 0)

/** Whether this is a campaign, not a normal run of the tests. */
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
    // Shrinking a header of 16 KiB character by character takes longer than reading it.
    ...isCampaign && { interruptAfterTimeLimit: TIMEOUT - 60_000, markInterruptAsFailure: true },
  }
}

/** Picks one of the values by weight, so that rare cases occur but do not dominate. */
export function weighted<T>(...entries: [weight: number, arbitrary: fc.Arbitrary<T>][]): fc.Arbitrary<T> {
  return fc.oneof(...entries.map(([weight, arbitrary]) => ({ weight, arbitrary })))
}
