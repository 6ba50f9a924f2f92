import type { NitroApp } from 'nitropack/types'
import { OWNERS_HEADER } from '../../core/session/cached-routes/entry-owner'
import { forbidCaching } from '../h3-v1/response-guard'
import type { ReleaseEntry } from '../shared/release-entry'

/** Serves an entry of a cache that contains a session only to the visitor who brings it. */
export function watchEntries({ hooks }: NitroApp, release: ReleaseEntry): void {
  hooks.hook('beforeResponse', async (event, response) => {
    const { res } = event.node
    if (res.headersSent || !res.hasHeader(OWNERS_HEADER)) return
    const owners = String(res.getHeader(OWNERS_HEADER))
    res.removeHeader(OWNERS_HEADER)
    try {
      await release(event, owners)
    }
    catch (error) {
      for (const name of ['etag', 'last-modified']) res.removeHeader(name)
      forbidCaching(res)
      // Nitro catches what a hook throws, and sends the response all the same.
      response.body = Object.assign(error as Error, { unhandled: true })
    }
  })
}
