import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { keptCookies } from '../h3-v1/response-guard'
import { hasResponse, isNodeResponse } from '../shared/event'
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
        if (isNodeResponse(res)) return whenSent(res, end)
        const finish = () => {
          inner.delete(event)
          end({ status: res.statusCode })
        }
        inner.set(event, finish)
        res.once('close', finish)
      })
      // The emulated response to an inner request is not closed after a stream.
      hooks.hook('afterResponse', event => inner.get(event)?.())
    },
    ownCookies: (event: SessionEvent) => hasResponse(event) ? keptCookies(event.node.res) : [],
    onError: (report: (error: object, event: SessionEvent) => void): void => void hooks.hook('error', (error, { event }) => {
      if (event) report(error, event)
    }),
    onClose: (close: () => void): void => void hooks.hook('close', close),
  }
}

/** Calls a function once: when the headers are sent, or without a status if the client has left before. */
function whenSent(response: NodeResponse, end: ReturnType<Begin>): void {
  const { writeHead } = response
  let isOver = false
  const finish = (status?: number) => {
    if (!isOver) end({ status })
    isOver = true
  }
  response.writeHead = function (this: NodeResponse, ...args: Parameters<typeof writeHead>) {
    writeHead.apply(this, args)
    finish(this.statusCode)
    return this
  } as typeof writeHead
  response.once('close', () => finish())
}
