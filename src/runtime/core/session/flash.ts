import type { SessionContext } from './context'
import { isPrefetch } from './prefetch'
import { transact } from './transaction'

/** Reads and removes a flash value. A prefetch request does not remove it. */
export async function takeFlash(context: SessionContext, key: string): Promise<unknown> {
  const { transport, state } = context
  const read = () => (state.record.flash && Object.hasOwn(state.record.flash, key) ? state.record.flash[key] : undefined)
  if (isPrefetch(transport) || read() === undefined) return read()
  let value: unknown
  await transact(context, 'update', { change() {
    value = read()
    const { [key]: _, ...rest } = state.record.flash ?? {}
    if (Object.keys(rest).length > 0) state.record.flash = rest
    else delete state.record.flash
  } })
  return value
}
