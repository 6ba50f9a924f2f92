import { OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import type { SessionEvent } from '../shared/event'
import type { ReleaseEntry } from '../shared/release-entry'
import type { NextEvent } from './event'

/** What a handler answers; an entry of a cache once it is checked. */
export function checkEntry(release: ReleaseEntry, value: unknown, event: NextEvent): unknown {
  const owners = value instanceof Response ? value.headers.get(OWNERS_HEADER) : null
  return owners === null ? value : withoutOwners(release(event as unknown as SessionEvent, owners), value as Response, event)
}

async function withoutOwners(checking: Promise<void>, { body, headers, status, statusText }: Response, event: NextEvent): Promise<Response> {
  try {
    await checking
  }
  catch (error) {
    // A cached handler stages some of the entry's headers for the response, which is that of the error now.
    for (const name of headers.keys()) if (name !== 'set-cookie') event.res.headers.delete(name)
    throw error
  }
  const rest = new Headers(headers)
  rest.delete(OWNERS_HEADER)
  return new Response(body, { headers: rest, status, statusText })
}
