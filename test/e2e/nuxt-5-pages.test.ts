import { describe, expect, it } from 'vitest'
import { Browser } from './support/browser'
import { buildApp } from './support/build'
import { suiteServer, testPassword } from './support/server'
import { TARGET_NAME } from './support/targets'

describe.runIf(TARGET_NAME === 'nuxt-5')('pages of Nuxt 5', () => {
  const server = suiteServer('main', {
    NUXT_SESSION_PASSWORD: testPassword(), NUXT_SESSION_SAVE_UNINITIALIZED: 'false', NUXT_APP_SECRET: testPassword(),
  })

  async function visitor() {
    const browser = new Browser(server)
    await browser.request('/api/count')
    return browser
  }

  it('are rendered with the session, in a private response', async () => {
    const { text, headers, setCookies } = await (await visitor()).request('/shown')
    expect(text).toContain('<main>count 1</main>')
    expect([headers.get('cache-control'), headers.get('vary'), setCookies]).toEqual(['private, no-cache', 'Cookie, x-h3-session', []])
  })

  it('see what their own requests wrote, and send it in one cookie', async () => {
    const browser = await visitor()
    const { text, setCookies } = await browser.request('/writes')
    expect(text).toContain('count 3')
    expect(setCookies).toHaveLength(1)
    expect((await browser.request('/shown')).text).toContain('<main>count 3</main>')
  })

  it('keep their writes if they fail, and show them on the error page', async () => {
    const browser = await visitor()
    const { status, text, setCookies } = await browser.request('/fails', { headers: { accept: 'text/html' } })
    expect(status).toBe(418)
    expect(text).toContain('error, count 2')
    expect(setCookies).toHaveLength(1)
    expect((await browser.request('/shown')).text).toContain('<main>count 2</main>')
  })

  it('are private if they are streamed, and keep the session unchanged after a late write', async () => {
    const browser = await visitor()
    const { text, headers, setCookies } = await browser.request('/streamed')
    expect(text).toContain('count 1, 500')
    expect([headers.get('cache-control'), headers.get('vary'), setCookies]).toEqual(['private, no-cache', 'Cookie, x-h3-session', []])
    expect(server.stderr).toContain('SESSION_HEADERS_SENT')
    expect((await browser.request('/shown')).text).toContain('<main>count 1</main>')
  })

  it('have no session if they are cached', async () => {
    const { text, headers } = await (await visitor()).request('/cached')
    expect(text).toContain('<main>unknown</main>')
    expect(headers.get('cache-control')).not.toContain('private')
  })

  it.each(['/cached-varies', '/cached-allowed'])('%s, cached by the cookie: are separate for each visitor, and create no session', async (path) => {
    const [ada, bob] = [await visitor(), await visitor()]
    await bob.request('/api/count')
    const seen = async (browser: Browser) => {
      const { text, headers, setCookies } = await browser.request(path)
      return [/<main>([^<]*)<\/main>/.exec(text)?.[1]?.replaceAll('&quot;', '"').trim(), headers.get('cache-control')?.includes('private'), setCookies.length]
    }
    for (const _time of [1, 2]) {
      expect(await seen(ada)).toEqual(['true {"count":1} {"count":1}', true, 0])
      expect(await seen(bob)).toEqual(['true {"count":2} {"count":2}', true, 0])
      expect(await seen(new Browser(server))).toEqual(['true {} {}', false, 0])
    }
  })

  it('that need a login send to it', async () => {
    const { status, headers } = await (await visitor()).request('/guarded')
    expect([status, headers.get('location')]).toEqual([302, '/login?redirect=/guarded'])
  })

  it('the endpoint answers their browser', async () => {
    const { body, headers } = await (await visitor()).request('/api/_session')
    expect([body, headers.get('cache-control')]).toEqual([{ count: 1 }, 'no-store'])
  })

  it('a session of nuxt/server is migrated, and its cookie is removed', async () => {
    const browser = new Browser(server)
    await browser.request('/api/nuxt-visit')
    expect([...browser.jar.keys()]).toEqual(['nuxt-session'])
    const { text, setCookies } = await browser.request('/shown')
    expect(text).toContain('<main>count 1</main>')
    expect(setCookies.map(({ name }) => name).toSorted()).toEqual(['h3', 'nuxt-session'])
    expect([...browser.jar.keys()]).toEqual(['h3'])
    expect((await browser.request('/api/count')).body.count).toBe(2)
  })
})

it.runIf(TARGET_NAME === 'nuxt-5')('Nuxt 5 does not take the module for one of Nitro 2, for which it would change the whole server', async () => {
  expect((await buildApp('main')).log).not.toContain('Nitro v2 compatibility')
})

describe.runIf(TARGET_NAME === 'nuxt-5')('a cached page of Nuxt 5', () => {
  const server = suiteServer('main', { NUXT_SESSION_PASSWORD: testPassword(), NUXT_SESSION_SAVE_UNINITIALIZED: 'true', NUXT_APP_SECRET: testPassword() })

  it('creates no session with its inner requests', async () => {
    const [first, second] = [await new Browser(server).request('/cached-varies'), await new Browser(server).request('/cached-varies')]
    expect([first.status, first.setCookies, second.setCookies]).toEqual([200, [], []])
    expect(second.text).toBe(first.text)
  })
})
