/** Strings, and the characters around them that structure a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs
const BEFORE_VALUE = /\s*:/y

/** Parses JSON; `undefined` if it is none, or an object has a key twice: parsers differ in which one they take (RFC 7515, 4). */
export function parseStrictJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return hasKeyTwice(text) ? undefined : value
  }
  catch {
    return undefined
  }
}

/** For valid JSON only. */
function hasKeyTwice(json: string): boolean {
  const open: Set<string>[] = []
  for (const { 0: token, index } of json.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (isKey(json, index + token.length)) {
      const keys = open.at(-1)!
      const key = JSON.parse(token) as string
      if (keys.has(key)) return true
      keys.add(key)
    }
  }
  return false
}

/** Whether the string that ends here is followed by a colon. */
function isKey(json: string, end: number): boolean {
  BEFORE_VALUE.lastIndex = end
  return BEFORE_VALUE.test(json)
}
