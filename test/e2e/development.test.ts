import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { ensureDevPassword } from '../../src/build/dev-password'
import { Browser } from './support/browser'
import { DevApp } from './support/dev-app'
import type { DevServer } from './support/dev-app'
import { openSeal } from './support/seals'
import { until } from '../support/until'

const VARIABLE = 'NUXT_SESSION_PASSWORD'
const SAID = /no session password was set/gi
/** The cookie over plain HTTP: without Secure. */
const ATTRIBUTES = { Path: '/', HttpOnly: true, SameSite: 'Lax' }

describe('nuxt dev', { timeout: 180_000 }, () => {
  it('generates a password into .env, reports it once, and sessions survive restarts', async () => {
    const app = await testApp('OTHER=kept')
    const server = await app.start('/api/ready')
    const browser = new Browser(server)
    const first = await browser.request('/api/count')
    expect(first.body.count).toBe(1)
    expect(first.setCookies).toEqual([{ name: 'h3', value: expect.stringMatching(/^Fe26/), attributes: ATTRIBUTES }])

    const dotenv = await app.dotenv()
    const [, password = ''] = /^OTHER=kept\nNUXT_SESSION_PASSWORD=(\S+)\n$/.exec(dotenv!) ?? []
    expect(password.length).toBeGreaterThanOrEqual(32)
    expect(await openSeal(first.setCookies[0]!.value, password)).toMatchObject({ data: { count: 1 } })
    expect(server.log.match(SAID)).toHaveLength(1)
    expect(server.log).toContain('.env')
    expect(server.log).not.toContain(password)

    // A change of nuxt.config restarts Nuxt inside the process.
    const restarts = () => server.log.match(/Nuxt Nitro server built/g)?.length ?? 0
    const before = restarts()
    await appendFile(join(app.dir, 'nuxt.config.ts'), '// changed\n')
    await until(() => restarts() > before)
    await server.answers('/api/ready')
    expect((await browser.request('/api/count')).body).toEqual({ id: first.body.id, count: 2 })
    expect(server.log.match(SAID), 'not said again').toHaveLength(1)
    await server.stop()

    const again = await app.start('/api/ready')
    browser.server = again
    expect((await browser.request('/api/count')).body).toEqual({ id: first.body.id, count: 3 })
    expect(again.log).not.toMatch(SAID)
    expect(await app.dotenv()).toBe(dotenv)
  })

  it('uses a generated password if the line in .env is empty, and never overwrites that line', async () => {
    const app = await testApp(`${VARIABLE}=\n`)
    const server = await app.start('/api/ready')
    const answer = await new Browser(server).request('/api/count')
    expect(await app.dotenv()).toBe(`${VARIABLE}=\n`)
    expect(server.log.match(SAID)).toHaveLength(1)
    expect(answer).toMatchObject({ status: 200, body: { count: 1 } })
  })
})

it('nuxt dev serves no file of a session store', { timeout: 180_000 }, async () => {
  const app = await testApp()
  await mkdir(join(app.dir, '.data/session'), { recursive: true })
  await Promise.all(['.data/session/handle', 'shown.txt'].map(file => writeFile(join(app.dir, file), 'content')))
  const server = await app.start('/api/ready')
  const status = async (path: string) => (await fetch(`${server.url}/_nuxt/@fs${app.dir}/${path}`)).status
  expect(await status('shown.txt'), 'other files are').toBe(200)
  for (const path of ['.data/session/handle', '.data/session/handle?raw', '.d%61ta/session/handle', './/.data//session/handle', '.data%2fsession%2fhandle', '.DATA/session/handle'])
    expect(await status(path), path).toBe(403)
})

describe('nuxt dev in CI', () => {
  let app: DevApp
  let server: DevServer
  beforeAll(async () => {
    app = await DevApp.copy('dev')
    server = await app.start('/api/ready', { CI: 'true' })
  })
  afterAll(() => app?.dispose())

  it('writes nothing, and sessions work for this run', async () => {
    const browser = new Browser(server)
    await browser.request('/api/count')
    expect((await browser.request('/api/count')).body.count).toBe(2)
    expect(await app.dotenv()).toBeUndefined()
    expect(server.log.match(SAID)).toHaveLength(1)
  })

  it('sends a Secure cookie behind a proxy for HTTPS', async () => {
    const { setCookies } = await new Browser(server).request('/api/count', { headers: { 'x-forwarded-proto': 'https' } })
    expect(setCookies.map(cookie => cookie.attributes)).toEqual([{ ...ATTRIBUTES, Secure: true }])
  })
})

it('nuxt dev with the preset "strict" names the cookie as browsers accept it: without a prefix over plain HTTP', { timeout: 180_000 }, async () => {
  const app = await testApp()
  const server = await app.start('/api/ready', { CI: 'true', NUXT_SESSION_PRESET: 'strict' })
  const browser = new Browser(server)
  const overHttps = { headers: { 'x-forwarded-proto': 'https' } }
  for (const count of [1, 2]) {
    const plain = await browser.request('/api/count')
    expect(plain.setCookies).toMatchObject([{ name: 'session', attributes: ATTRIBUTES }])
    expect(plain.setCookies[0]!.attributes).not.toHaveProperty('Secure')
    expect(plain.body.count).toBe(count)
    const { setCookies, body } = await browser.request('/api/count', overHttps)
    expect(setCookies).toMatchObject([{ name: '__Host-Http-session', attributes: { ...ATTRIBUTES, Secure: true } }])
    expect(body.count).toBe(count)
  }
  expect(server.log.match(/The preset "strict" sets name: "session"/g)).toHaveLength(1)
})

describe('useClientSession in nuxt dev', { timeout: 180_000 }, () => {
  /** In a terminal without colours, Nuxt removes backticks. */
  const warnings = ({ log }: DevServer) => log.match(/useClientSession\(\) is empty .*/g) ?? []

  it('warns once if a cached or prerendered page shows the session, with the reason and the fix', async () => {
    const app = await testApp()
    const server = await app.start('/api/ready')
    const browser = new Browser(server)
    for (const path of ['/', '/client-only', '/cached/patient']) expect(await browser.request(path)).toMatchObject({ status: 200 })
    expect(warnings(server)).toEqual([])

    for (const path of ['/cached/one', '/cached/two', '/prerendered', '/prerendered']) await browser.request(path)
    await until(() => warnings(server).length > 1, undefined, 5000)
    expect(warnings(server)).toEqual(['cached', 'prerendered'].map(delivery =>
      `useClientSession() is empty while this page is rendered, because the page is ${delivery} and the same for all visitors. The browser loads the session after hydration. Show its content below <ClientOnly>, or wait for ready.`))
  })
})

it('a page that imports "#session" shows what to use instead', { timeout: 180_000 }, async () => {
  const app = await testApp(undefined, 'mistakes')
  const server = await app.start('/api/use', { CI: 'true', FIXTURE: 'import-call' })
  const page = await new Browser(server).request('/')
  expect(page.status).toBe(500)
  expect(page.text).toContain('In a page, component or plugin of the app, use useClientSession()')
})

describe('a line in .env', () => {
  it.each([
    `${VARIABLE}=`, `${VARIABLE}=short`, `export ${VARIABLE}=x`, `  ${VARIABLE} = x`, `A=1\r\n${VARIABLE}=x\r\nB=2`,
  ])('%j is never overwritten or written twice', async (content) => {
    const app = await testApp(content)
    const said: string[] = []
    vi.stubEnv(VARIABLE, undefined)
    onTestFinished(() => { vi.unstubAllEnvs() })
    await ensureDevPassword({ variable: VARIABLE, file: join(app.dir, '.env'), isCI: false, log: message => said.push(message) })
    expect(await app.dotenv()).toBe(content)
    expect(said).toHaveLength(1)
  })
})

/** A copy for the current test. */
async function testApp(dotenv?: string, fixture = 'dev'): Promise<DevApp> {
  const app = await DevApp.copy(fixture, dotenv)
  onTestFinished(() => app.dispose())
  return app
}
