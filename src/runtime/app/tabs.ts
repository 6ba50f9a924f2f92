/** What one tab tells the others: that they may be out of date, never what the session holds. */
type Signal = 'changed' | 'loaded'

/**
 * Connects the tabs of a browser that show the same app.
 *
 * @param name of the channel, one for an app
 * @param refresh called when what this tab shows may be out of date: at once when another tab changed the session;
 * when another loaded a page, or this one comes back from the back/forward cache, once it is looked at
 * @returns tells the other tabs
 */
export function connectTabs(name: string, refresh: () => void): (signal: Signal) => void {
  let isStale = false
  let channel = open()

  function open(): BroadcastChannel {
    const opened = new BroadcastChannel(name)
    opened.onmessage = ({ data }: MessageEvent<Signal>) => {
      isStale = true
      if (data === 'changed' || !document.hidden) renew()
    }
    return opened
  }

  function renew(): void {
    if (!isStale) return
    isStale = false
    refresh()
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) renew()
  })
  // An open channel can keep a page out of the back/forward cache.
  window.addEventListener('pagehide', () => channel.close())
  window.addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    channel = open()
    isStale = true
    renew()
  })
  return signal => channel.postMessage(signal)
}
