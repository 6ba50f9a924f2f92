import type { DeviceRejection } from '../../core/device/context'
import type { DeviceActivity, ServerEnvironment } from '../environment'
import type { ObservedMessage } from './messages'
import { describeRequest } from './observe'

const REASONS: Record<DeviceRejection, string> = {
  malformed: 'The browser\'s token is missing, or it is not an ES256 token of Device Bound Session Credentials. If a browser sent it, look for a proxy that cuts the header Secure-Session-Response.',
  challenge: 'The token signs no challenge of this session, or one that has ended. The browser gets a new one; a registration has to follow within 5 minutes of its login.',
  replayed: 'The token\'s challenge was used before: it was sent twice, or copied.',
  throttled: 'More than 60 requests for this session have failed within a minute. The browser tries again after at most a minute.',
  signature: 'The token is not signed by the session\'s key: another browser or a program has a copy of the cookie.',
  bound: 'The session is bound to another key: another browser or a program has a copy of the cookie. The user can log in again there.',
  session: 'The request has no session. If it follows a login, look for a cookie whose Path does not cover the endpoint, or a proxy that drops cookies.',
}

/** Describes a request of a browser about its key; `undefined` for a step that says nothing new, such as a challenge. */
export function describeDevice({ event, config: { name, storage }, outcome, reason, handle }: DeviceActivity, { host, now }: Pick<ServerEnvironment, 'host' | 'now'>): ObservedMessage | undefined {
  const kind = kindOf(outcome, reason)
  if (kind === undefined) return undefined
  return {
    type: 'observed', kind, at: now(), keeper: 'module', transport: 'cookie', name, storage, handle,
    ...kind === 'deny' && { reason, explanation: REASONS[reason as DeviceRejection] },
    ...describeRequest(host.transportOf(event)),
  }
}

function kindOf(outcome: DeviceActivity['outcome'], reason: DeviceActivity['reason']): ObservedMessage['kind'] | undefined {
  if (outcome === 'registered') return 'register'
  if (outcome === 'refreshed') return 'refresh'
  const isRejected = (outcome === 'rejected' || outcome === 'challenged' || reason === 'throttled') && reason !== undefined && Object.hasOwn(REASONS, reason)
  return isRejected ? 'deny' : undefined
}
