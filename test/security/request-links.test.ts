import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { createEvent } from 'h3'
import type { H3Event } from 'h3'
import { createHooks } from 'hookable'
import type { NitroApp } from 'nitropack/types'
import { expect, it } from 'vitest'
import { STATES } from '../../src/runtime/adapters/h3-v1/transport'
import { linkRequests, outerEvent } from '../../src/runtime/adapters/nitro-v2/requests'
import type { ServerEnvironment } from '../../src/runtime/server/environment'

const KEY_HEADER = 'x-nuxt-h3-session-failed'

let keys = 0
const nitroApp = { hooks: createHooks() } as unknown as NitroApp
nitroApp.hooks.hook('request', linkRequests(nitroApp, { generateId: () => `key-${++keys}` } as ServerEnvironment))

/** A request; with `context`, an inner request as Nitro marks it. */
async function arrive(headers: Record<string, string> = {}, context?: object): Promise<H3Event> {
  const request = Object.assign(new IncomingMessage(new Socket()), { headers }, context && { __unenv__: context })
  const event = createEvent(request, new ServerResponse(request))
  await nitroApp.hooks.callHook('request', event)
  return event
}

async function withSession(): Promise<H3Event> {
  const event = await arrive()
  Object.assign(event.context, { [STATES]: new Map() })
  return event
}

function fail(event: H3Event): string | undefined {
  // Synchronously, like Nitro.
  void nitroApp.hooks.callHookParallel('error', new Error('failed'), { event })
  return event.node.req.headers[KEY_HEADER] as string | undefined
}

it('the error page of a request is part of it, until its response is closed', async () => {
  const failed = await withSession()
  const key = fail(failed)!
  expect(outerEvent(await arrive({ [KEY_HEADER]: key }, {}))).toBe(failed)
  failed.node.res.emit('close')
  expect(outerEvent(await arrive({ [KEY_HEADER]: key }, {}))).toBeUndefined()
})

it('a request from outside is independent, whatever its headers', async () => {
  const failed = await withSession()
  const key = fail(failed)!
  const told: Record<string, string>[] = [{ [KEY_HEADER]: key }, { [KEY_HEADER]: key, 'x-nuxt-error': 'true' }, { [KEY_HEADER]: key, __unenv__: '{}' }]
  for (const headers of told) expect(outerEvent(await arrive(headers))).toBeUndefined()
  failed.node.res.emit('close')
})

it('a guessed key finds nothing', async () => {
  for (const key of ['', '__proto__', 'constructor', 'key-0', '0']) expect(outerEvent(await arrive({ [KEY_HEADER]: key }, {}))).toBeUndefined()
})

it('a request that fails after its client has disconnected is not kept: disconnecting cannot fill the memory', async () => {
  const failed = await withSession()
  failed.node.res.destroy()
  Object.assign(failed.node.res, { _closed: true })
  failed.node.res.emit('close')
  expect(fail(failed)).toBeUndefined()
})
