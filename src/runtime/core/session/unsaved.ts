import { isDataObject } from '../model/data'
import type { SessionContext } from './context'
import { sentValue } from './h3-bridge'

/** For development. Watches the data, to warn before the response if the app changed it in place and wrote nothing. */
export function watchData(context: SessionContext): void {
  const { env, state } = context
  // The data of a stored session is frozen in development.
  if (!state.isBridged) return
  const saved = asJson(state.record.data)
  const sent = sentValue(context)
  state.reportUnsaved = () => {
    // h3's own functions change the data in place and send it.
    if (state.isCleared || sentValue(context) !== sent) return
    const path = changedPath(saved, asJson(state.record.data), 'data')
    if (path !== undefined)
      env.warnOnce(`The session "${state.name}" was changed in place at ${path}, and not written. The next request does not see the change. Write it: await session.update({ … }).`)
  }
}

/** What the next request would read; the data itself if JSON cannot write it. */
function asJson(data: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(data))
  }
  catch {
    return data
  }
}

/** The path of the first difference. */
function changedPath(before: unknown, after: unknown, path: string): string | undefined {
  if (before === after) return undefined
  if (isDataObject(before) && isDataObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const found = changedPath(before[key], after[key], `${path}.${key}`)
      if (found !== undefined) return found
    }
    return undefined
  }
  return textOf(before) === textOf(after) ? undefined : path
}

/** The JSON of a value; `''` if there is none, as for a BigInt. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  }
  catch {
    return ''
  }
}
