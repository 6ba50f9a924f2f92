import { assertOptions } from '../config/option-keys'
import { isSet, toSeconds } from '../config/parse'
import { newId } from './context'
import type { SessionContext } from './context'
import { isTime, mergeData } from '../model/data'
import { configInvalid, showValue } from '../model/errors'
import { MAX_LIFETIME_MS } from '../model/lifetimes'
import type { Write } from './transaction'
import type { RegenerateOptions, SessionDataShape } from '../model/types'

const KEYS = { userId: '', data: '', keepData: '', maxAge: '', idleTimeout: '', authenticatedAt: '' } satisfies Record<keyof RegenerateOptions, ''>
const HINT = { of: 'regenerate()', example: '{ userId: user.id }', hint: 'Data goes into "data": { data: { theme: "dark" } }.' }

/**
 * The write that gives a session a new id, and a user if one is given.
 * @throws SESSION_CONFIG_INVALID for a user id that is no string, a time that is no number, or an unknown option
 */
export function createRegeneration(context: SessionContext, options: RegenerateOptions<SessionDataShape>): Write {
  assertOptions(options, KEYS, HINT)
  const { userId, data, keepData } = options
  if (userId !== undefined && (typeof userId !== 'string' || userId === '' || !userId.isWellFormed()))
    throw configInvalid(`regenerate() got the userId ${showValue(userId)}. Give a non-empty string, such as String(user.id).`)
  const maxAge = options.maxAge === false ? MAX_LIFETIME_MS / 1000 : toSeconds(options.maxAge, 'maxAge')
  const idleTimeout = isSet(options.idleTimeout) ? toSeconds(options.idleTimeout, 'idleTimeout') ?? false : undefined
  const { env, state } = context
  const authenticatedAt = toLoginTime(options, env.now())
  let previous = { previousId: '', previousUserId: undefined as string | undefined }
  function change(): void {
    const { record } = state
    previous = { previousId: record.id, previousUserId: record.userId }
    const isOtherUser = userId !== undefined && record.userId !== undefined && record.userId !== userId
    if (!(keepData ?? !isOtherUser)) {
      state.setData({})
      delete record.flash
    }
    // A browser's key is of one login.
    if (userId !== undefined && record.userId !== userId) delete record.device
    record.id = newId(context)
    if (userId !== undefined) bind(context, userId, env.now(), authenticatedAt)
    if (maxAge !== undefined) record.maxAge = maxAge
    if (idleTimeout !== undefined) record.idleTimeout = idleTimeout
    state.setData(mergeData(record.data, data))
  }
  return { change, details: () => previous }
}

/** At most now: a login of the future would be recent for too long. */
function toLoginTime({ userId, authenticatedAt }: RegenerateOptions, now: number): number | undefined {
  if (authenticatedAt === undefined) return undefined
  if (userId === undefined) throw configInvalid('regenerate() got authenticatedAt without a userId. Give both, or neither.')
  if (!isTime(authenticatedAt) || authenticatedAt < 0)
    throw configInvalid(`regenerate() got authenticatedAt ${showValue(authenticatedAt)}. Give milliseconds since 1970, such as auth_time * 1000.`)
  return Math.min(authenticatedAt, now)
}

function bind({ state }: SessionContext, userId: string, now: number, authenticatedAt = now): void {
  const { record } = state
  record.userId = userId
  record.authenticatedAt = authenticatedAt
  record.createdAt = now
  delete record.maxAge
  delete record.idleTimeout
  delete record.epoch
}
