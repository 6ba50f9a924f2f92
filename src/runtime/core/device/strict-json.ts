/** Strings, and the characters around them that structure a JSON text. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs
const BEFORE_VALUE = /\s*:/y
/** Browsers send about 20. Checking thousands of them would cost more than the rest of a request. */
const MAX_TOKENS = 200

/**
 * Parses JSON; `undefined` if it is none, or an object has a key twice: parsers differ in which one they take (RFC 7515, 4).
 * Also if more than 200 strings and brackets would have to be searched for that.
 */
export function parseStrictJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    // What a serializer writes from the value contains each key once. To compare is quicker than to search.
    return JSON.stringify(value) === text || isStrict(text) ? value : undefined
  }
  catch {
    return undefined
  }
}

/** For valid JSON only. */
function isStrict(json: string): boolean {
  const open: Set<string>[] = []
  let tokens = 0
  for (const { 0: token, index } of json.matchAll(TOKENS)) {
    if (++tokens > MAX_TOKENS) return false
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (isKey(json, index + token.length)) {
      const keys = open.at(-1)!
      const key = JSON.parse(token) as string
      if (keys.has(key)) return false
      keys.add(key)
    }
  }
  return true
}

/** Whether the string that ends here is followed by a colon. */
function isKey(json: string, end: number): boolean {
  BEFORE_VALUE.lastIndex = end
  return BEFORE_VALUE.test(json)
}
