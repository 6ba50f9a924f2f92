/** Whether two times in milliseconds are the same to a cookie, whose Max-Age and Expires have whole seconds. */
export function isSameTime(a: number | undefined, b: number | undefined): boolean {
  return a !== undefined && b !== undefined && Math.abs(a - b) <= 1000
}
