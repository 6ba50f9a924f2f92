import { describe, expect, it } from 'vitest'
import { visit } from './support/browser'
import { buildApp } from './support/build'
import { testPassword, testServer } from './support/server'

describe('a build refuses', () => {
  it('an option that does not exist, with the right one', async () => {
    await expect(buildApp('mistake-option')).rejects.toThrow(/SESSION_CONFIG_INVALID: .*unknown option "maxage". Did you mean "maxAge"\?/)
  })

  it('"#session" in a page, which would bring server code into the browser, and names useClientSession', async () => {
    await expect(buildApp('mistake-import')).rejects.toThrow(/import\.vue imports "#session", which works in server routes only\. Use useClientSession\(\)/)
  })
})

it('useSession() in a component throws with the fix', async () => {
  const server = await testServer('mistake-call', { NUXT_SESSION_PASSWORD: testPassword() })
  expect((await visit(server, '/')).body).toContain('useSession() works in server routes only. Use useClientSession()')
})
