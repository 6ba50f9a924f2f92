import type { Profiler } from 'node:inspector'

/** A function and its share of the profile, without what it called. */
export interface SelfTime {
  name: string
  /** File and line. */
  location: string
  /** 0 to 1, of the time in which the thread was busy. */
  share: number
}

// V8's entries that are no function: unused time, and native code outside all functions.
const IDLE = new Set(['(idle)', '(root)', '(program)'])

/** The functions by self time, the highest first. */
export function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, { name: string, location: string, time: number }>()
  let busy = 0
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    if (!frame || frame.functionName === '(idle)') return
    const time = timeDeltas[index] ?? 0
    busy += time
    if (IDLE.has(frame.functionName)) return
    const name = frame.functionName || '(anonymous)'
    const location = frame.url === '' ? 'native' : `${frame.url.replace(/^.*\/(?=server\/|node_modules\/)/, '')}:${frame.lineNumber + 1}`
    const entry = times.get(`${name} ${location}`) ?? { name, location, time: 0 }
    times.set(`${name} ${location}`, { ...entry, time: entry.time + time })
  })
  return [...times.values()]
    .map(({ name, location, time }) => ({ name, location, share: time / busy }))
    .toSorted((a, b) => b.share - a.share)
}
