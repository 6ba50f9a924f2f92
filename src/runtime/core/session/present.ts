import type { SessionContext } from './context'
import { frozenCopy } from '../model/data'
import type { SessionDataShape } from '../model/types'

/**
 * The data as the app gets it. A change in place of a stored session would be lost with the next conflict: in
 * development its data is frozen, so that the mistake shows.
 */
export function presentData({ env, state }: SessionContext): SessionDataShape {
  const { data } = state.record
  if (state.isBridged || !env.isDevelopment) return data
  if (state.shown?.of !== data) state.shown = { of: data, copy: frozenCopy(data) }
  return state.shown.copy
}
