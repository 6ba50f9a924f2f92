// Holds what the panel has seen while its page is reloaded, in memory only. After a restart of the development server,
// Vite reloads the page in which DevTools is open.
const KEPT_MS = 120_000
let kept
let keptUntil = 0

self.addEventListener('message', (event) => {
  const { data, source, ports } = event
  if (!source?.url.startsWith(self.registration.scope)) return
  if (!data.keep) return ports[0].postMessage(Date.now() < keptUntil ? kept : undefined)
  const state = data.keep
  kept = state
  keptUntil = Date.now() + KEPT_MS
  // Without it, the browser ends the worker after 30 seconds.
  event.waitUntil(new Promise(resolve => setTimeout(resolve, KEPT_MS)).then(() => {
    if (kept === state) kept = undefined
  }))
})
