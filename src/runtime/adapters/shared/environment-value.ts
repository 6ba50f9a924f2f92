const DECIMAL = /^\s*-?\d{1,16}(?:\.\d{1,17})?\s*$/

/** Parses an environment variable: `true`, `false`, a number, JSON, else the text itself. */
export function parseEnvironmentValue(text: string): unknown {
  const trimmed = text.trim()
  if (trimmed === 'true' || trimmed === 'false') return trimmed === 'true'
  if (DECIMAL.test(text)) return Number(text)
  if (!/^[[{"]/.test(trimmed)) return text
  try {
    return JSON.parse(trimmed)
  }
  catch {
    // For example a password that begins with a bracket.
    return text
  }
}
