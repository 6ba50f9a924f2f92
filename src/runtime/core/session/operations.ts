import { toSeconds } from '../config/parse'
import { newId } from './context'
import type { SessionContext } from './context'
import { configInvalid, showValue } from '../model/errors'
import { applyUpdate, mergeData } from '../model/data'
import type { MaybePromise } from '../utils/maybe-promise'
import { followH3 } from './h3-bridge'
import { transact, transactClear } from './transaction'
import type { RegenerateOptions, SessionDataShape, SessionUpdate } from '../model/types'

const UPDATE = { name: 'session:update' as const, info: () => ({}) }

/** Merges `update` into the data and commits. */
export function updateData(context: SessionContext, update?: SessionUpdate<SessionDataShape>): MaybePromise<void> {
  const { state } = context
  return transact(context, () => state.setData(applyUpdate(state.record.data, update)), UPDATE)
}

/** Replaces the data and commits. */
export function replaceData(context: SessionContext, data: SessionDataShape): MaybePromise<void> {
  const { state } = context
  const replacement = mergeData({}, data)
  return transact(context, () => state.setData(replacement), UPDATE)
}

/**
 * Gives the session a new id, and a user if one is given, in one commit.
 * @throws SESSION_CONFIG_INVALID for a user id that is no string, or a lifetime that is no number
 */
export async function regenerate(context: SessionContext, options: RegenerateOptions<SessionDataShape> = {}): Promise<void> {
  const { userId, data, keepData } = options
  if (userId !== undefined && (typeof userId !== 'string' || userId === '' || !userId.isWellFormed()))
    throw configInvalid(`regenerate() got the userId ${showValue(userId)}. Give a non-empty string, such as String(user.id).`)
  const maxAge = toSeconds(options.maxAge, 'maxAge')
  const { env, state } = context
  let previous = { previousId: '', previousUserId: undefined as string | undefined }
  await transact(context, () => {
    const { record } = state
    previous = { previousId: record.id, previousUserId: record.userId }
    const isOtherUser = userId !== undefined && record.userId !== undefined && record.userId !== userId
    if (!(keepData ?? !isOtherUser)) {
      state.setData({})
      delete record.flash
    }
    record.id = newId(context)
    if (userId !== undefined) bind(context, userId, env.now())
    if (maxAge !== undefined) record.maxAge = maxAge
    state.setData(mergeData(record.data, data))
  }, { name: 'session:regenerate', info: () => previous, isLogin: userId !== undefined })
}

/** Sets a flash value. */
export async function setFlash(context: SessionContext, key: string, value: unknown): Promise<void> {
  const { state } = context
  await transact(context, () => {
    state.record.flash = mergeData(state.record.flash ?? {}, { [key]: value })
  }, UPDATE)
}

/** Reads and removes a flash value. A prefetch request does not remove it. */
export async function takeFlash(context: SessionContext, key: string): Promise<unknown> {
  followH3(context)
  const { transport, state } = context
  const read = () => (state.record.flash && Object.hasOwn(state.record.flash, key) ? state.record.flash[key] : undefined)
  if (transport.isPrefetch() || read() === undefined) return read()
  let value: unknown
  await transact(context, () => {
    value = read()
    const { [key]: _, ...rest } = state.record.flash ?? {}
    if (Object.keys(rest).length > 0) state.record.flash = rest
    else delete state.record.flash
  }, UPDATE)
  return value
}

/** Removes the session and its cookie. */
export async function clear(context: SessionContext): Promise<void> {
  await transactClear(context)
}

function bind({ state }: SessionContext, userId: string, now: number): void {
  const { record } = state
  record.userId = userId
  record.authenticatedAt = now
  record.createdAt = now
  delete record.maxAge
  delete record.epoch
}
