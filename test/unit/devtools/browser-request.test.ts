import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { headersForApp } from '../../../src/devtools/browser-request'
import { CommandTransport } from '../../../src/runtime/server/devtools/command-transport'

describe('headersForApp', () => {
  it('passes on neither the panel\'s token nor what the app does not read', () => {
    expect(passed({ 'cookie': 'h3=x', 'host': 'localhost:3000', 'user-agent': 'test', 'x-nuxt-session-token': 'secret', 'x-other': 'y' }, false))
      .toEqual({ 'cookie': 'h3=x', 'host': 'localhost:3000', 'user-agent': 'test' })
  })

  it('lets the app set a Secure cookie if the panel is open over https', () => {
    expect(new CommandTransport(passed({ ':authority': 'localhost:3000' } as never, true)).isSecure()).toBe(true)
    expect(new CommandTransport(passed({ host: 'localhost:3000' }, false)).isSecure()).toBe(false)
  })
})

function passed(headers: IncomingHttpHeaders, encrypted: boolean): Record<string, string> {
  return headersForApp({ headers, socket: { encrypted } } as unknown as IncomingMessage)
}
