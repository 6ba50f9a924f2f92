// Holds what the panel has seen while its page is reloaded, in memory only. After a restart of the development server,
// Vite reloads the page in which DevTools is open. Any page of the origin can send messages to this worker, and can
// frame the panel's URL. So it returns a state only for the key with which it was kept: the server gives the key to
// authorised panels only, and the same one after a restart.
const KEPT_MS = 120_000
let kept

self.addEventListener('message', (event) => {
  const { data: { keep, key }, source, ports } = event
  if (source?.url.split(/[?#]/, 1)[0] !== self.registration.scope || typeof key !== 'string') return
  if (keep === undefined) return ports[0].postMessage(kept && kept.key === key && Date.now() < kept.until ? kept.state : undefined)
  const latest = { state: keep, key, until: Date.now() + KEPT_MS }
  kept = latest
  // Without it, the browser ends the worker after 30 seconds.
  event.waitUntil(new Promise(resolve => setTimeout(resolve, KEPT_MS)).then(() => {
    if (kept === latest) kept = undefined
  }))
})
