export interface KeySize { key: string, bytes: number }

/** How many keys have a size of their own. */
export const MAX_KEYS = 100

/** The size of each top-level key as JSON in UTF-8, the largest first, at most {@link MAX_KEYS}. */
export function keySizes(data: object): KeySize[] {
  const encoder = new TextEncoder()
  const toJson = (part: object) => JSON.stringify(part, (_, value) => typeof value === 'bigint' ? String(value) : value)
  return Object.entries(data)
    .map(([key, value]) => ({ key, json: toJson({ [key]: value }) }))
    .filter(({ json }) => json !== '{}')
    // `"key":value,`: a comma in place of the braces.
    .map(({ key, json }) => ({ key, bytes: encoder.encode(json).length - 1 }))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MAX_KEYS)
}
