import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Browser } from './support/browser'
import { payload, sealPayload } from './support/seals'
import { suiteServer, testPassword } from './support/server'
import { suiteCache } from './support/shared-cache'

const NUXT_SESSION_PASSWORD = testPassword()

describe('behind a shared cache that honours Cache-Control and Vary', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD })
  const cache = suiteCache(server)

  async function member(name: string) {
    const browser = new Browser(cache)
    browser.jar.set('h3', await sealPayload(payload({ id: `ID-of-${name}`, data: { name } }), NUXT_SESSION_PASSWORD))
    return browser
  }

  const route = (key: string, op: string) => `/api/keyed/${key}/${op}/${randomUUID()}`

  it.each(['/api/count', '/api/visit', route('varies', 'read'), route('cookie', 'read'), route('varies', 'update')])('%s: new visitors never share a session', async (path) => {
    const visitors = [1, 2, 3].map(() => new Browser(cache))
    for (const browser of [...visitors, ...visitors]) await browser.request(path)
    const tokens = visitors.map(({ jar }) => jar.get('h3')).filter(token => token !== undefined)
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  it.each(['read', 'update', 'regenerate', 'clear'])('members who "%s" in a cached handler get their own responses', async (op) => {
    const path = route('varies', op)
    const [ada, bob] = [await member('Ada'), await member('Bob')]
    for (const time of [1, 2, 3]) {
      for (const [browser, name, other] of [[ada, 'Ada', 'Bob'], [bob, 'Bob', 'Ada']] as const) {
        const answer = await browser.request(path)
        expect([time, answer.text.includes(other)]).toEqual([time, false])
        if (op === 'read') expect(answer.body.result.data.name).toBe(name)
      }
    }
    const tokens = [ada, bob].map(({ jar }) => jar.get('h3')).filter(token => token !== undefined)
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  it('a member\'s answer is not what new visitors get, nor the other way round', async () => {
    for (const isMemberFirst of [true, false]) {
      const path = route('varies', 'read')
      const visitors = [await member('Ada'), new Browser(cache)]
      for (const browser of isMemberFirst ? visitors : visitors.toReversed()) await browser.request(path)
      const [ada, stranger] = await Promise.all(visitors.map(browser => browser.request(path)))
      expect([ada!.body.result.data, stranger!.body.result.data]).toEqual([{ name: 'Ada' }, {}])
    }
  })

  it('a member does not get the error that a cached handler has for visitors without a session', async () => {
    const path = route('varies', 'require')
    const refused = await Promise.all([new Browser(cache), new Browser(cache)].map(browser => browser.request(path)))
    for (const { status, headers } of refused) expect([status, headers.get('cache-control')]).toEqual([401, 'public, max-age=60'])
    const answer = await (await member('Ada')).request(path)
    expect([answer.status, answer.body.result]).toEqual([200, { id: 'ID-of-Ada' }])
  })

  it('the cache stores a cached handler\'s response to new visitors', async () => {
    const path = route('cookie', 'read')
    const before = cache.hits
    for (const browser of [new Browser(cache), new Browser(cache)]) await browser.request(path)
    expect(cache.hits).toBe(before + 1)
  })
})
