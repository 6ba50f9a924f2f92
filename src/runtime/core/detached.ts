/** A copy of a text that may be a window on a longer one, such as a header, which it would keep in memory. */
export function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
