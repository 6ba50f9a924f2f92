import { describe, expect, it } from 'vitest'
import { Browser } from './support/browser'
import { openSeal } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { TARGET_NAME, targetNamed } from './support/targets'

const NUXT_SESSION_PASSWORD = testPassword()
const { crypto } = targetNamed(TARGET_NAME)

describe(`a runtime ${crypto === 'web' ? 'without' : 'with'} node:crypto`, () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })

  it(`seals by ${crypto === 'web' ? 'WebCrypto' : 'node:crypto'}, and what it sealed is iron's`, async () => {
    const { body, setCookies } = await new Browser(server).request('/api/crypto')
    expect(body).toEqual(crypto === 'web' ? { hasNodeCrypto: false, encryptions: 1 } : { hasNodeCrypto: true, encryptions: 0 })
    expect(await openSeal(setCookies[0]!.value, NUXT_SESSION_PASSWORD)).toMatchObject({ data: { sealed: true } })
  })
})
