import { OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import type { SessionEvent } from '../shared/event'
import type { ReleaseEntry } from '../shared/host'
import type { NextEvent } from './event'

/** Checks a handler's response if it is a cache entry with sessions. */
export function checkEntry(release: ReleaseEntry, value: unknown, event: NextEvent): unknown {
  const owners = value instanceof Response ? value.headers.get(OWNERS_HEADER) : null
  return owners === null ? value : withoutOwners(release(event as unknown as SessionEvent, owners), value as Response, event)
}

async function withoutOwners(checking: Promise<void>, { body, headers, status, statusText }: Response, event: NextEvent): Promise<Response> {
  try {
    await checking
  }
  catch (error) {
    // A cached handler has staged some of the entry's headers. The error's response must not have them.
    for (const name of headers.keys()) if (name !== 'set-cookie') event.res.headers.delete(name)
    throw error
  }
  const rest = new Headers(headers)
  rest.delete(OWNERS_HEADER)
  return new Response(body, { headers: rest, status, statusText })
}
