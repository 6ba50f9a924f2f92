/** A copy of a text that may be a slice of a header: V8 keeps the header in memory as long as the slice. */
export function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string
}
