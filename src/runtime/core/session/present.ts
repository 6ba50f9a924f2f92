import type { SessionContext } from './context'
import { frozenCopy } from '../model/data'
import type { SessionDataShape } from '../model/types'

/**
 * The data for the app. The next conflict would discard a mutation of a stored session's data. In development the data
 * is frozen, so that such a mistake throws.
 */
export function presentData({ env, state }: SessionContext): SessionDataShape {
  const { data } = state.record
  if (state.isBridged || !env.isDevelopment) return data
  if (state.shown?.of !== data) state.shown = { of: data, copy: frozenCopy(data) }
  return state.shown.copy
}
