import { defineEventHandler, setResponseHeader } from 'h3'
import type { H3Event } from 'h3'

/**
 * The minimal cost of a response with a session on this server: an async handler, the headers for caches, and a cookie
 * as long as the request's.
 */
export const floor = {
  read: defineEventHandler(async (event) => {
    await undefined
    setCacheHeaders(event, 'private, no-cache')
    return { n: 1 }
  }),
  write: defineEventHandler(async (event) => {
    await undefined
    setCacheHeaders(event, 'no-store')
    setResponseHeader(event, 'set-cookie', `${renewed(event.node.req.headers.cookie ?? '')}; Path=/; HttpOnly; Secure; SameSite=Lax`)
    return { n: 1 }
  }),
}

function setCacheHeaders(event: H3Event, cacheControl: string): void {
  setResponseHeader(event, 'vary', 'Cookie, X-H3-Session')
  setResponseHeader(event, 'cache-control', cacheControl)
}

const DIGITS = 16
let count = 0

/** A new value of the same length each time, so that nothing can be cached. */
function renewed(cookie: string): string {
  return cookie.slice(0, -DIGITS) + String(count++).padStart(DIGITS, '0')
}
