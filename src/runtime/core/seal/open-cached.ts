import type { SealOpener } from '../config/seal-openers'
import type { ResolvedConfig } from '../config/types'
import { dropProtoKeys, mayHoldProtoKeys } from '../model/data'
import type { RejectReason } from '../model/errors'
import { hasSealEnded } from '../model/lifetimes'
import { isTooDeep } from '../model/shape'
import type { MaybePromise } from '../utils/maybe-promise'
import { unsealToken } from './seal'
import type { UnsealResult } from './seal'
import { readContent } from './token-cache'

export type OpenedSeal = Pick<SealOpener, 'passwordIndex' | 'isFallback'>

/** Reads what was sealed, or returns why it is rejected. `expiration`: in milliseconds since 1970, or `''`. It may have passed. */
type ReadSeal<T> = (value: unknown, seal: OpenedSeal & { expiration?: string }, config: ResolvedConfig, now: number) => T | { reason: RejectReason }

/** Opens a token. One that browsers send with many requests is unsealed once, and read at each of them. */
export function openCached<T extends object>(token: string, config: ResolvedConfig, now: number, read: ReadSeal<T>): MaybePromise<T | { reason: RejectReason }> {
  const cached = config.tokens?.get(token, config)
  if (cached) {
    const result = read(readContent(cached), cached, config, now)
    if (!('reason' in result) && !hasSealEnded(cached.expiration, config, now)) return result
    config.tokens?.delete(token)
    return 'reason' in result ? result : { reason: 'expired' }
  }
  const opened = unsealToken(token, config, now)
  return opened instanceof Promise ? readLater(opened, token, config, now, read) : readUnsealed(token, config, now, read, opened)
}

async function readLater<T extends object>(opening: Promise<UnsealResult>, token: string, config: ResolvedConfig, now: number, read: ReadSeal<T>): Promise<T | { reason: RejectReason }> {
  return readUnsealed(token, config, now, read, await opening)
}

function readUnsealed<T extends object>(token: string, config: ResolvedConfig, now: number, read: ReadSeal<T>, opened: UnsealResult): T | { reason: RejectReason } {
  if (!('value' in opened)) return { reason: opened.reason }
  if (opened.ok && isTooDeep(opened.text)) return { reason: 'malformed' }
  const isPlain = opened.ok && !mayHoldProtoKeys(opened.text)
  if (!isPlain) dropProtoKeys(opened.value)
  const result = read(opened.value, opened, config, now)
  // The seal ends with its session, whose reason is more exact.
  if ('reason' in result) return result
  if (!opened.ok) return { reason: opened.reason }
  const { text, expiration, passwordIndex, isFallback } = opened
  if (isPlain) config.tokens?.add({ token, owner: config, content: { text }, expiration, passwordIndex, isFallback }, true)
  return result
}
