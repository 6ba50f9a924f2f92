/**
 * Whether the browser went back or forward to the page or reopened its tab. It may then show a stale page without a
 * request (RFC 9111, 6). Pages in the back/forward cache have an event of their own, `pageshow`.
 */
export function isRestored(): boolean {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return navigation?.type === 'back_forward'
}
