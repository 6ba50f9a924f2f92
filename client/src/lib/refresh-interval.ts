const MIN_MS = 250
const MAX_MS = 2000
/** The share of the time in which the panel may keep the server and the browser busy. */
const SHARE = 0.1

/**
 * The milliseconds between two fetches: four a second for the first changes, one in two seconds while changes go on or
 * the server and the browser take long.
 */
export function refreshInterval(took: number, runs: number): number {
  return Math.min(MAX_MS, Math.max(MIN_MS * 2 ** (runs - 1), took / SHARE))
}
