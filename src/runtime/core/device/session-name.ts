import type { ResolvedConfig } from '../config/types'
import { isDataObject, isFilledString } from '../model/data'
import type { RejectReason } from '../model/errors'
import { OverloadError } from '../seal/keys'
import { openCached } from '../seal/open-cached'
import { sealText } from '../seal/seal'
import type { DeviceContext } from './context'
import { thumbprintOf } from './key'
import type { BoundRecord } from './store-key'

// The URL of renewals must not become too long for a server.
const MAX_USER_LENGTH = 256

/** What the URL of a browser's renewals says of its session. It proves nothing. */
export interface SessionName {
  /** The session's handle when the browser got the URL. */
  handle: string
  /** With the key, it finds a session that got a new id since. Unset if it is too long. */
  userId?: string
  /** The key's thumbprint. */
  key: string
}

/** Seals the name of a session for the URL of its renewals, which the browser keeps. It has no end. */
export async function sealName(
  handle: string, { userId, device }: BoundRecord, { env, config }: Pick<DeviceContext, 'env' | 'config'>,
): Promise<string> {
  const user = userId !== undefined && userId.length <= MAX_USER_LENGTH ? userId : undefined
  const name: SessionName = { handle, userId: user, key: thumbprintOf(device, env.hash) }
  return sealText(JSON.stringify({ kind: 'device-session', name: config.name, ...name }), '', config, env.now())
}

/** The name in {@link sealName}; `undefined` for any other text. A browser sends it again until its next renewal. @throws OverloadError if it was not checked */
export async function openName(text: string, config: ResolvedConfig, now: number): Promise<SessionName | undefined> {
  const name = await openCached(text, config, now, toName)
  if (!('reason' in name)) return name
  if (name.reason === 'overloaded') throw new OverloadError('The name was not checked.')
  return undefined
}

function toName(value: unknown, _seal: unknown, config: ResolvedConfig): SessionName | { reason: RejectReason } {
  if (!isDataObject(value) || value.kind !== 'device-session') return { reason: 'malformed' }
  const { name, handle, userId, key } = value
  const isName = isFilledString(handle) && isFilledString(key) && (userId === undefined || isFilledString(userId))
  if (!isName || name !== config.name) return { reason: 'foreign' }
  return { handle, userId, key }
}
