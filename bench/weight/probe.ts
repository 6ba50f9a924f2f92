// Loaded before a weighed server: tells the parent process which files are loaded, and how large the heap is.
import { registerHooks } from 'node:module'

const loaded = new Set<string>()

registerHooks({
  load(url, context, next) {
    loaded.add(url)
    return next(url, context)
  },
})

process.on('message', (question: 'loaded' | 'heap') => process.send!(question === 'loaded' ? [...loaded] : heap()))
process.channel?.unref()

function heap(): number {
  // Finalizers run between collections.
  for (let times = 0; times < 4; times++) globalThis.gc!()
  return process.memoryUsage().heapUsed
}
