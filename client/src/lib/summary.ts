import { formatAgo, formatExpiry } from './format'
import { sizeText } from './size-limit'
import type { PanelSession, PanelState } from './state'

/** The facts of a session in one line, the most useful first: the end of the line may be cut off. */
export function summaryOf(session: PanelSession, { names, limits }: Pick<PanelState, 'names' | 'limits'>, now: number): string {
  const { ended, rejected, expiresAt, lastUsedAt, name } = session
  const end = expiresAt === undefined ? 'never expires' : `expires ${formatExpiry(expiresAt, now)}`
  return [
    ...ended === undefined && rejected === undefined ? [end] : [],
    sizeText(session, limits),
    `used ${formatAgo(lastUsedAt, now)}`,
    ...names.length === 1 && names[0] === name ? [] : [name],
  ].join(' · ')
}
