import type { InspectedSession, Overwrite } from './protocol'
import { requestLabel } from './request-label'

/** Why a request was denied that sent the cookie which has replaced that of a new id. `renewed`: the session with that id. */
export function explainOverwritten({ user, overwritten }: Pick<InspectedSession, 'user' | 'overwritten'>, startedAt: number): string | undefined {
  if (!overwritten || startedAt < overwritten.at) return undefined
  return `${describeOverwrite(overwritten, user)} The cookie of that response has replaced the new one.`
}

/** Which write has replaced the cookie of a new id. */
export function describeOverwrite({ call, ...request }: Overwrite, user?: string): string {
  return `${requestLabel(call)} gave the session a new id${user === undefined ? '' : ` (${user})`}, but ${requestLabel(request)} was running and wrote it with its old id.`
}
