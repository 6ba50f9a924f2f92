import type { BackendValue, StoreParts } from './backend'
import type { Deadline } from './deadline'
import { endOfEpoch, isOfName, isOutdated, latestIn, parseEpoch } from './epochs'
import type { Epoch, EpochValue } from './epochs'
import { endOfLineage } from './lineage'
import { getEpoch, readSession } from './reading'
import { isAlive } from './record'

/**
 * Changes an epoch atomically: `next` returns the state that it read and the value to write, until no other call has
 * changed it meanwhile. Returns the text that was written.
 */
export async function changeEpoch(
  parts: StoreParts, deadline: Deadline, key: string, next: () => Promise<{ before: Epoch, value: EpochValue } | undefined>,
): Promise<string | undefined> {
  const { backend, context: { env } } = parts
  for (let failures = 0; ;) {
    try {
      const change = await next()
      if (change === undefined) return undefined
      const { before, value: { number, rest } } = change
      const text = rest.length === 0 ? `${number}` : `"${[number, ...rest].join(' ')}"`
      const outcome = await backend.compareAndSet(deadline, key, before.text, epochValue(parts, text))
      if ('before' in outcome) return text
      failures = 0
      await deadline.wait(env.random() * 10)
    }
    catch (error) {
      // It may have been written, or was sent twice. A second change is harmless.
      if (deadline.hasPassed || ++failures > 1) throw error
    }
  }
}

/** One session of the user can be excepted, if it is alive at that moment. */
export async function raiseEpoch(parts: StoreParts, deadline: Deadline, userId: string, exceptIfAlive: string | undefined): Promise<{ number: number, except?: string }> {
  let raised: { number: number, except?: string } = { number: 0 }
  await changeEpoch(parts, deadline, parts.keys.epoch(userId), async () => {
    const before = await getEpoch(parts, deadline, userId)
    const except = exceptIfAlive !== undefined && await isLive(parts, deadline, exceptIfAlive, userId, before) ? exceptIfAlive : undefined
    raised = { number: after(parts, before.number), except }
    return { before, value: { number: raised.number, rest: except === undefined ? [] : [except] } }
  })
  return raised
}

/** Revokes all sessions of the app, or those of a name. */
export async function raiseAppEpoch(parts: StoreParts, deadline: Deadline, name: string | undefined): Promise<void> {
  const { backend, keys } = parts
  const text = await changeEpoch(parts, deadline, keys.appEpoch, async () => {
    const before = parseEpoch(await backend.get(deadline, keys.appEpoch))
    const number = after(parts, latestIn(before))
    if (name === undefined) return { before, value: { number, rest: [] } }
    const others = before.rest.filter(entry => !isOfName(entry, name))
    return { before, value: { number: before.number, rest: [...others, `${name}:${number}`] } }
  })
  if (text === undefined) return
  const latest = latestIn(parseEpoch(text))
  await backend.copyAppEpoch?.(deadline, epochValue(parts, text), found => latestIn(parseEpoch(found)) < latest)
}

function epochValue({ context: { env } }: StoreParts, text: string): BackendValue {
  return { text, until: endOfEpoch(text) ?? env.now(), isEnding: true }
}

/** A time that is higher than an epoch. */
function after({ context: { env } }: StoreParts, epoch: number): number {
  return Math.max(epoch + 1, Math.trunc(env.now()))
}

async function isLive(parts: StoreParts, deadline: Deadline, handle: string, userId: string, epoch: Epoch): Promise<boolean> {
  const found = await readSession(parts, deadline, handle)
  if (!isAlive(found) || found.record.expiresAt <= parts.context.env.now()) return false
  if (found.record.userId !== userId || isOutdated(found.record, handle, epoch)) return false
  return await endOfLineage(parts, deadline, handle, found.record) === undefined
}
