import { describe, expect, it } from 'vitest'
import { visit } from './support/browser'
import { buildApp } from './support/build'
import { suiteServer, testPassword } from './support/server'

describe('a build refuses', () => {
  it('an option that does not exist, with the right one', async () => {
    await expect(buildApp('mistake-option')).rejects.toThrow(/SESSION_CONFIG_INVALID: .*unknown option "maxage". Did you mean "maxAge"\?/)
  })

  it('"#session" in a page, which would bring server code into the browser, and names useClientSession', async () => {
    await expect(buildApp('mistake-import')).rejects.toThrow(/import\.vue imports "#session", which works in server routes only\. Use useClientSession\(\)/)
  })
})

describe('a server', () => {
  const server = suiteServer('mistake-call', { NUXT_SESSION_PASSWORD: testPassword() })

  it('logs where useSession() of a component belongs, and does not show it to the visitor', async () => {
    const { status, text } = await visit(server, '/')
    expect([status, text.includes('useSession')]).toEqual([500, false])
    expect(server.log).toContain('useSession() works in server routes only. Use useClientSession()')
  })

  it.each([
    ['update', 'Its second argument is the configuration: updateSession(event, undefined, { theme: "dark" })'],
    ['update-by-function', 'Its second argument is the configuration: updateSession(event, undefined, { theme: "dark" })'],
    ['regenerate', 'Write regenerateSession(event, undefined, { userId: user.id })'],
    ['use', 'the options of the call, such as { name: "cart" }, must be an object, not of type string.'],
  ])('refuses an argument in the wrong place, with the right one: %s', async (call, fix) => {
    const { text, setCookies } = await visit(server, `/api/${call}`)
    expect(text).toContain('SESSION_CONFIG_INVALID')
    expect(text).toContain(fix)
    expect(setCookies).toEqual([])
  })
})
