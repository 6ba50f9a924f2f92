import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { isNodeResponse } from '../shared/event'
import type { SessionEvent } from '../shared/event'

type NodeResponse = H3Event['node']['res']
type Begin = (event: SessionEvent) => (response: { status?: number }) => void

/** The requests and errors of a Nitro 2 app, for DevTools. */
export function recordedApp({ hooks }: Pick<NitroApp, 'hooks'>) {
  return {
    onRequest(begin: Begin): void {
      const inner = new WeakMap<H3Event, () => void>()
      hooks.hook('request', (event) => {
        const [end, { res }] = [begin(event), event.node]
        const sentStatus = watchStatus(res)
        const finish = () => {
          inner.delete(event)
          end({ status: sentStatus() })
        }
        if (!isNodeResponse(res)) inner.set(event, finish)
        res.once('close', finish)
      })
      // The emulated response to an inner request is not closed after a stream.
      hooks.hook('afterResponse', event => inner.get(event)?.())
    },
    onError: (report: (error: object, event: SessionEvent) => void): void => void hooks.hook('error', (error, { event }) => {
      if (event) report(error, event)
    }),
    onClose: (close: () => void): void => void hooks.hook('close', close),
  }
}

/** Returns the status that was sent, or `undefined` if the client left before. h3 sets another one if the handler then fails. */
function watchStatus(response: NodeResponse): () => number | undefined {
  // Nitro emulates the response to an inner request, and sends no headers.
  if (!isNodeResponse(response)) return () => response.statusCode
  const { writeHead } = response
  let sent: number | undefined
  response.writeHead = function (this: NodeResponse, ...args: Parameters<typeof writeHead>) {
    writeHead.apply(this, args)
    sent = this.statusCode
    return this
  } as typeof writeHead
  return () => sent
}
