/**
 * Whether the browser went back or forward to the page, or opened its tab anew: it then shows what it has kept, be
 * it stale (RFC 9111, 6), and does not ask the server. The back/forward cache says so by itself.
 */
export function isRestored(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return navigation?.type === 'back_forward'
}
