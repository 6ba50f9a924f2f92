export interface CodeToken {
  kind: 'comment' | 'string' | 'keyword' | 'session' | 'plain'
  text: string
}

const TOKENS = new RegExp([
  /(?<comment>\/\/[^\n]*)/,
  /(?<string>'[^'\n]*'|`[^`]*`)/,
  /\b(?<keyword>async|await|catch|const|default|export|from|if|import|instanceof|return|throw|try)\b/,
  /\b(?<session>(?:use|get|update|clear|require|unseal|revoke)Session|(?:list|count|revokeUser)Sessions|SessionError)\b|(?<=session\.)(?<method>update|replace|regenerate|flash|clear)\b/,
].map(pattern => pattern.source).join('|'), 'g')

/** Splits a short TypeScript file into parts to color. */
export function highlight(code: string): CodeToken[] {
  const tokens: CodeToken[] = []
  let end = 0
  for (const match of code.matchAll(TOKENS)) {
    if (match.index > end) tokens.push({ kind: 'plain', text: code.slice(end, match.index) })
    tokens.push({ kind: kindOf(match.groups ?? {}), text: match[0] })
    end = match.index + match[0].length
  }
  return [...tokens, { kind: 'plain', text: code.slice(end) }]
}

function kindOf({ comment, string, keyword }: Record<string, string | undefined>): CodeToken['kind'] {
  if (comment) return 'comment'
  if (string) return 'string'
  return keyword ? 'keyword' : 'session'
}
