/** A message to other tabs, whose session may be out of date. Never contains session data. */
type Signal = 'changed' | 'loaded'

/**
 * Connects the browser's tabs of one app, and returns a function that sends a signal to the others. Calls `refresh` at
 * once if another tab changed the session, and as soon as this tab is visible if another tab loaded a page.
 */
export function connectTabs(name: string, refresh: () => void): (signal: Signal) => void {
  let isStale = false
  let channel = open()

  function open(): BroadcastChannel {
    const opened = new BroadcastChannel(name)
    opened.onmessage = ({ data }: MessageEvent<Signal>) => {
      isStale = true
      if (data === 'changed' || !document.hidden) refreshIfStale()
    }
    return opened
  }

  function refreshIfStale(): void {
    if (!isStale) return
    isStale = false
    refresh()
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) refreshIfStale()
  })
  // An open channel can keep a page out of the back/forward cache.
  window.addEventListener('pagehide', () => channel.close())
  window.addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    channel = open()
    isStale = true
    refreshIfStale()
  })
  return signal => channel.postMessage(signal)
}
