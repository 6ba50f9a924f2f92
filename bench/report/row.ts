/** A row of the table of goals. */
export interface Row {
  measure: string
  /** The value that must be reached, and the one to aim for. */
  goal?: { must: number, aim: number }
  /** A cost: smaller is better. */
  isCost?: boolean
  unit: Unit
  /** Stock h3 v1's figure in the same run. */
  h3v1?: number
  /** Ours; unset if it could not be measured. */
  ours?: number
  /** The confidence interval of ours, if it was measured often enough. */
  interval?: [low: number, high: number]
}

export type Unit = 'share' | 'times' | 'bytes' | 'milliseconds'

/** Which of its goals a row reaches. */
export function verdict({ goal, isCost, ours }: Row): string {
  if (ours === undefined) return 'not yet'
  if (!goal) return ''
  // The run was too short for a single response.
  if (!Number.isFinite(ours)) return '?'
  const reaches = (goal: number) => isCost ? ours <= goal : ours >= goal
  if (reaches(goal.aim)) return 'aim'
  return reaches(goal.must) ? 'must' : 'no'
}

/** Ours, with its interval in brackets. */
export function formatOurs({ ours, interval, unit }: Row): string {
  const figure = formatFigure(ours, unit)
  return interval ? `${figure} (${interval.map(bound => formatFigure(bound, unit)).join(' to ')})` : figure
}

export function formatFigure(value: number | undefined, unit: Unit): string {
  if (value === undefined || !Number.isFinite(value)) return ''
  if (unit === 'bytes') return `${(value / 1024).toFixed(1)} KB`
  if (unit === 'milliseconds') return `${value.toFixed(1)} ms`
  if (unit === 'share') return value.toFixed(value < 0.1 ? 3 : 2)
  return `${formatTimes(value)}×`
}

function formatTimes(value: number): string {
  if (value >= 100) return value.toFixed(0)
  return value.toFixed(value >= 10 ? 1 : 2)
}
