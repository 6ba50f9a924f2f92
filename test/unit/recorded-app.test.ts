import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, eventHandler, toNodeListener } from 'h3'
import type { EventHandler, H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { callNodeRequestHandler } from 'node-mock-http'
import { describe, expect, it } from 'vitest'
import { keepCookies } from '../../src/runtime/adapters/h3-v1/response-guard'
import { recordedApp } from '../../src/runtime/adapters/nitro-v2/recorded-app'

describe('the recorded end of a request', () => {
  it('of a client has the status', async () => {
    const { listener, end } = record(eventHandler(() => 'done'))
    await visit(listener)
    expect(await end).toEqual({ status: 200 })
  })

  it('comes with the headers, while the response goes on', async () => {
    const { promise: isRecorded, resolve: finish } = Promise.withResolvers<unknown>()
    const { listener, end } = record(eventHandler(async (event) => {
      event.node.res.write('the first part')
      await isRecorded
      event.node.res.end()
    }))
    const visiting = visit(listener)
    expect(await end).toEqual({ status: 200 })
    finish(undefined)
    await visiting
  })

  it('has no status if the client left before the response', async () => {
    const { promise: hasLeft, resolve: leave } = Promise.withResolvers<unknown>()
    const { listener, end } = record(eventHandler(async (event) => {
      event.node.res.once('close', leave as () => void)
      event.node.req.socket.destroy()
      await hasLeft
      return 'too late'
    }))
    await expect(visit(listener)).rejects.toThrow('socket hang up')
    expect(await end).toEqual({ status: undefined })
  })

  it('of an inner request has the status, although no headers are sent', async () => {
    const { listener, end } = record(eventHandler((event) => {
      event.node.res.statusCode = 201
      return 'done'
    }))
    expect(await callNodeRequestHandler(listener as never, { url: '/' } as never)).toMatchObject({ status: 201, body: 'done' })
    expect(await end).toEqual({ status: 201 })
  })

  it('of an inner request has the status if the handler returns a stream', async () => {
    const { listener, end } = record(eventHandler(() => new Response('done').body!))
    await callNodeRequestHandler(listener as never, { url: '/' } as never)
    expect(await end).toEqual({ status: 200 })
  })

  it('has the status that was sent before the handler failed', async () => {
    const { listener, end } = record(eventHandler((event) => {
      event.node.res.write('the first part')
      throw new Error('for the test')
    }))
    await visit(listener)
    expect(await end).toEqual({ status: 200 })
  })
})

it('tells the cookies of sessions from those of the app', async () => {
  const { ownCookies } = recordedApp({} as NitroApp)
  const own = Promise.withResolvers<readonly string[]>()
  const { listener } = record(eventHandler((event) => {
    event.node.res.setHeader('set-cookie', ['theme=dark', 'h3=seal'])
    keepCookies(event.node.res, ['h3=seal'])
    own.resolve(ownCookies(event))
    return 'done'
  }))
  await visit(listener)
  expect(await own.promise).toEqual(['h3=seal'])
  expect(ownCookies({ headers: new Headers() }), 'a socket').toEqual([])
})

/** An app of h3 1 with a handler, and how the end of its request is recorded. */
function record(handler: EventHandler) {
  const hooks = new Map<string, (event: H3Event) => void>()
  const { promise: end, resolve } = Promise.withResolvers<object>()
  recordedApp({ hooks: { hook: hooks.set.bind(hooks) } } as unknown as NitroApp).onRequest(() => resolve)
  const call = (name: string) => (event: H3Event) => hooks.get(name)?.(event)
  // As Nitro does, which leaves a response that has begun to its client.
  const onError = (_error: unknown, { node: { res } }: H3Event) => void res.end()
  return { listener: toNodeListener(createApp({ onRequest: call('request'), onAfterResponse: call('afterResponse'), onError }).use(handler)), end }
}

/** Sends a request, and reads the response to its end. */
async function visit(listener: ReturnType<typeof toNodeListener>): Promise<void> {
  const server = createServer(listener)
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const [response] = await once(get({ port: (server.address() as AddressInfo).port, agent: false }), 'response')
    await once(response.resume(), 'end')
  }
  finally {
    server.close()
  }
}
