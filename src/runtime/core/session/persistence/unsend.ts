import type { ResolvedCookie } from '../../config/types'
import { isReplaced } from '../../cookie/cookies'
import type { SessionContext } from '../context'
import { setSentHeader } from '../response'

/**
 * Reverts `send`, if the response can still be changed. `lines` and `header` are the earlier Set-Cookie lines and
 * session header to restore.
 */
export function unsend(context: SessionContext, lines: readonly string[] = [], header?: string): void {
  const { transport, config } = context
  if (transport.writeRefusal() !== undefined) return
  if (config.cookie !== false) transport.replaceSetCookies(restoreLines(transport.setCookies(), lines, config.name, config.cookie))
  setSentHeader(context, header)
}

/** The response's lines with a session's own lines restored from `before`. */
function restoreLines(lines: readonly string[], before: readonly string[], name: string, cookie: ResolvedCookie): string[] {
  const isOwn = (line: string) => isReplaced(line, { name, cookie })
  return [...lines.filter(line => !isOwn(line)), ...before.filter(isOwn)]
}
