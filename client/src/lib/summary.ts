import { sizeShare } from './cookie-facts'
import { formatAgo, formatBytes, formatExpiry } from './format'
import type { PanelSession, PanelState } from './state'

/** The facts of a session in one line, the most useful first: the end of the line may be cut off. */
export function summaryOf(session: PanelSession, { names, limits }: Pick<PanelState, 'names' | 'limits'>, now: number): string {
  const { ended, expiresAt, lastUsedAt, name } = session
  const end = expiresAt === undefined ? 'never expires' : `expires ${formatExpiry(expiresAt, now)}`
  return [
    ...ended === undefined ? [end] : [],
    sizeOf(session, limits),
    `used ${formatAgo(lastUsedAt, now)}`,
    ...names.length === 1 && names[0] === name ? [] : [name],
  ].join(' · ')
}

function sizeOf(session: PanelSession, limits: PanelState['limits']): string {
  const { storage, recordBytes = 0, bytes } = session
  if (storage !== undefined) return `${formatBytes(recordBytes)} in the store`
  return bytes === 0 ? 'not sent yet' : `${formatBytes(bytes)}, ${Math.round(sizeShare(session, limits) * 100)} % of the limit`
}
