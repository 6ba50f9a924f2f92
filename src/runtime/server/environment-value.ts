const DECIMAL = /^\s*-?\d{1,16}(?:\.\d{1,17})?\s*$/

/** Text of the environment that stands for another value: `true`, `false`, a number, a list or an object. */
export function valueOf(text: string): unknown {
  const trimmed = text.trim()
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true'
  if (DECIMAL.test(text)) return Number(text)
  if (!/^[[{"]/.test(trimmed)) return text
  try {
    return JSON.parse(trimmed)
  }
  catch {
    // A password, say, that begins with a bracket.
    return text
  }
}
