/** The quantile of the values at `share`, from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/**
 * The 95 % confidence interval of the median, for any distribution of the values, by ranks of the binomial distribution.
 */
export function medianInterval(values: readonly number[]): [low: number, high: number] {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.max(0, Math.floor((sorted.length - 1.96 * Math.sqrt(sorted.length)) / 2))
  return [sorted[rank] ?? Number.NaN, sorted[sorted.length - 1 - rank] ?? Number.NaN]
}

/** The interquartile range of the values, as a share of their median. */
export function spread(values: readonly number[]): number {
  return (percentile(values, 0.75) - percentile(values, 0.25)) / median(values)
}

/**
 * The 95 % confidence interval of a statistic over rounds, which are drawn again with replacement: a percentile of
 * all rounds has no simpler one.
 */
export function bootstrapInterval<T>(rounds: readonly T[], statistic: (rounds: T[]) => number, draws = 1000): [low: number, high: number] {
  const draw = () => rounds.map(() => rounds[Math.floor(Math.random() * rounds.length)]!)
  const values = Array.from({ length: draws }, () => statistic(draw()))
  return [percentile(values, 0.025), percentile(values, 0.975)]
}
