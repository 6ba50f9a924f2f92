const MAX_PATH = 100

/** A path to a value, without the middle of a long one: deep data would fill the screen. */
export function shortPath(path: string): string {
  return path.length <= MAX_PATH ? path : `${path.slice(0, 60)}…${path.slice(-30)}`
}
