import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Browser } from '../e2e/support/browser'
import type { Answer } from '../e2e/support/browser'
import { buildApp } from '../e2e/support/build'
import { payload, sealPayload } from '../e2e/support/seals'
import { suiteServer, testPassword } from '../e2e/support/server'
import type { Server } from '../e2e/support/server'
import { rawRequest } from '../support/raw-request'

const [PASSWORD, OLD_PASSWORD, WEAK_PASSWORD] = [testPassword(), testPassword(), `weak-${randomBytes(8).toString('hex')}`]
const mark = (what: string) => `${what}-${randomBytes(12).toString('hex')}`

/** The header in which the fixture reports the arguments of its hooks. */
const TOLD_HEADER = 'x-hooks'

/** The secrets, and the texts that must not contain them. */
class Secrets {
  readonly texts = new Map<string, string>()
  readonly seen: { where: string, text: string }[] = []

  add(what: string, ...texts: string[]): void {
    for (const text of texts) if (text.length >= 16) this.texts.set(text, what)
  }

  /** The keys of a seal, in the forms of a logged buffer. */
  addKeysOf(seal: string, password: string): void {
    const parts = decodeURIComponent(seal).split('*')
    for (const salt of [parts[2], parts[6]]) {
      const key = pbkdf2Sync(password, salt ?? '', 1, 32, 'sha1')
      this.add('a derived key', key.toString('hex'), key.toString('base64').slice(0, 43), key.toString('base64url'), [...key].join(','), [...key.subarray(0, 16)].join(', '), key.toString('hex').match(/../g)!.slice(0, 16).join(' '))
    }
  }

  look(where: string, answer: Pick<Answer, 'headers' | 'text'>): void {
    this.seen.push({ where, text: [answer.text, ...Array.from(answer.headers).filter(([name]) => name !== TOLD_HEADER).map(pair => pair.join(': '))].join('\n') })
  }

  /** The names of the secrets that were found, with their places. */
  found(): string[] {
    return this.seen.flatMap(({ where, text }) => [...this.texts].filter(([secret]) => [text, decoded(text)].some(each => each.includes(secret))).map(([, what]) => `${what} in ${where}`))
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  }
  catch {
    return text
  }
}

/** The files of the build, and those that the server has written since. */
async function filesOf(app: 'main' | 'client', pattern: string): Promise<{ where: string, text: string }[]> {
  const { outputDir } = await buildApp(app)
  const files = globSync(pattern, { cwd: outputDir, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Promise.all(files.map(async file => ({ where: file.slice(outputDir.length), text: await readFile(file, 'latin1') })))
}

/** A visitor whose session data must not reach anyone else. */
async function victimOf(server: Server, secrets: Secrets): Promise<string> {
  const data = mark('VICTIM-DATA')
  const seal = await sealPayload(payload({ id: mark('victim-id'), name: 'h3', userId: mark('victim-user'), data: { public: { name: data }, secret: data } }), PASSWORD)
  const answer = await new Browser(server).request('/', { headers: { cookie: `h3=${seal}` } })
  expect(answer.status).toBeLessThan(500)
  secrets.add('the victim\'s seal', seal, seal.slice(-43), seal.split('*')[4]!)
  secrets.add('the victim\'s data', data)
  secrets.addKeysOf(seal, PASSWORD)
  return seal
}

function forgeriesOf(seal: string): string[] {
  const parts = seal.split('*')
  const cut = parts.map((_, index) => parts.with(index, `${parts[index]!.slice(0, -1)}x`).join('*'))
  return [...cut, seal.slice(0, -1), seal.slice(1), `${seal}${seal}`, seal.toLowerCase(), seal.replaceAll('*', '%2A%2A'), `__chunked__2; h3.1=${seal.slice(0, 90)}; h3.2=${seal.slice(90)}x`, `"${seal}x"`]
}

describe('every error path of a server', () => {
  const secrets = new Secrets()
  secrets.add('a password', PASSWORD, OLD_PASSWORD, WEAK_PASSWORD)
  const env: Record<string, string> = { NUXT_SESSION_PASSWORD: JSON.stringify([PASSWORD, OLD_PASSWORD]), NUXT_SESSION_STORE_TIMEOUT: '300' }
  const server = suiteServer('main', env)

  async function ask(browser: Browser, path: string, init: Parameters<Browser['request']>[1] = {}): Promise<Answer> {
    const answer = await browser.request(path, init)
    secrets.look(`${path} (${answer.status})`, answer)
    return answer
  }

  async function ops(browser: Browser, ops: { op: string, args?: unknown[] }[], config?: object, headers?: Record<string, string>): Promise<Answer> {
    const answer = await browser.ops(ops, { config, headers })
    secrets.look(`ops ${ops.map(each => each.op).join()}`, { headers: answer.headers, text: JSON.stringify(answer.body.error ?? null) })
    return answer
  }

  it('contains no passwords, keys, seals or data of other visitors', async () => {
    const seal = await victimOf(server, secrets)
    for (const forgery of forgeriesOf(seal)) {
      for (const headers of [{ cookie: `h3=${forgery}` }, { 'x-h3-session': forgery }] as Record<string, string>[]) {
        for (const path of ['/api/visit', '/api/functions', '/api/require?userId=1', '/', '/missing', '/api/cached', '/api/rule-cached', '/api/isr', '/api/responses?kind=crash', '/api/responses?kind=throw'])
          await ask(new Browser(server), path, { headers: { ...headers, accept: 'text/html' } })
      }
    }

    const browser = new Browser(server)
    const own = mark('OWN-DATA')
    secrets.add('the data of a session, in an error or a log', own)
    const store = { storage: 'memory' }
    for (const config of [undefined, store]) {
      await ops(browser, [{ op: 'update', args: [{ own, big: own.repeat(config ? 10 : 300) }] }], config)
      for (const kind of ['function', 'symbol', 'map', 'set', 'bigint', 'nan', 'infinity', 'cycle', 'regexp', 'error']) await ops(browser, [{ op: 'update', args: [{ own }] }, { op: 'unserializable', args: [kind] }], config)
      for (const hook of ['session:create', 'session:load', 'session:update', 'session:regenerate', 'session:clear'])
        await ops(browser, [{ op: 'update', args: [{ own }] }, { op: 'regenerate', args: [{ userId: own }] }, { op: 'clear' }], config, { 'x-test-hook': `throw ${hook}` })
      await ops(browser, [{ op: 'regenerate', args: [{ userId: 5 }] }], config)
    }
    for (const config of [
      { password: WEAK_PASSWORD }, { password: [PASSWORD, WEAK_PASSWORD] }, { password: Array.from({ length: 5 }, () => PASSWORD) }, { password: { secret: PASSWORD } }, { name: 'a b' }, { name: `${seal}\r\n` }, { cookie: { sameSite: 'none', secure: false } },
      { cookie: PASSWORD }, { seal: PASSWORD }, { seal: { encryption: { algorithm: 'none' } } }, { seal: { integrity: { iterations: PASSWORD } } }, { sessionHeader: 'a b' }, { storage: 'not-there' }, { storage: 'redis' }, { crypto: PASSWORD }, { maxAge: 'soon' },
    ]) await ops(browser, [{ op: 'update', args: [{ own }] }], config)
    for (const call of ['listSessions', 'countSessions', 'revokeSession', 'revokeUserSessions', 'revokeAllSessions'])
      for (const args of [[own, {}], [own, { storage: 'memory' }], [{ userId: '' }, { storage: 'memory' }], [own, { storage: 'not-there' }]]) await ask(browser, '/api/admin', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ call, args }) })
    // Uncaught, so that Nitro logs the error with its stack.
    for (const path of ['/api/isr', '/api/rule-cached', '/api/responses?kind=crash', '/api/with-h3', '/api/parallel', '/api/socket']) {
      for (const hook of ['throw session:update', 'throw session:load']) await ask(browser, path, { headers: { 'x-test-hook': hook, 'accept': 'text/html' } })
    }

    secrets.seen.push({ where: 'the log', text: server.log }, ...await filesOf('main', '{.data,server,public,nitro.json}/**'))
    expect(server.log, 'errors were logged').toContain('refused by the hook')
    expect(secrets.seen.length).toBeGreaterThan(250)
    expect(secrets.found()).toEqual([])
  })
})

describe('a store that is not there', () => {
  const secrets = new Secrets()
  const env: Record<string, string> = { NUXT_SESSION_PASSWORD: PASSWORD, NUXT_SESSION_STORE_TIMEOUT: '200', NUXT_SESSION_STORAGE: 'redis' }
  const server = suiteServer('main', env)

  it('is reported without the data', async () => {
    const own = mark('OWN-DATA')
    secrets.add('a password', PASSWORD)
    secrets.add('data', own)
    const reference = await sealPayload({ id: mark('kept-id'), name: 'h3' }, PASSWORD)
    secrets.add('a seal', reference)
    secrets.addKeysOf(reference, PASSWORD)
    for (const cookie of ['', `h3=${reference}`]) {
      for (const path of ['/api/visit', '/api/require', '/']) secrets.look(path, await new Browser(server).request(path, { headers: { cookie, accept: 'text/html' } }))
      const answer = await new Browser(server).ops([{ op: 'update', args: [{ own }] }], { headers: { cookie } })
      expect(answer.body.error?.code).toMatch(/^SESSION_/)
      secrets.look('ops', { headers: answer.headers, text: JSON.stringify(answer.body.error) })
    }
    secrets.seen.push({ where: 'the log', text: server.log })
    expect(secrets.found()).toEqual([])
  })
})

describe('pages', () => {
  const secrets = new Secrets()
  secrets.add('a password', PASSWORD)
  const server = suiteServer('client', { NUXT_SESSION_PASSWORD: PASSWORD })

  it('contain no other visitor\'s session and only the clientKeys: cached, failed or as payload', async () => {
    const victim = await victimOf(server, secrets)
    secrets.add('a key that is not the client\'s', 'SECRET-of-the-session')
    const paths = ['/', '/plain', '/cached', '/cached-asks', '/cached-guarded', '/cached-varies', '/isr', '/prerendered', '/spa', '/guarded', '/fails', '/writes', '/fresh', '/begun', '/redirects', '/missing',
      '/_payload.json', '/cached/_payload.json', '/isr/_payload.json', '/prerendered/_payload.json', '/cached-varies/_payload.json', '/guarded/_payload.json', '/__nuxt_error', '/__nuxt_error?statusCode=500', '/api/_session', '/api/_session?require=user', '/api/seen', '/api/inner?kind=throws', '/api/inner?kind=anonymous', '/api/cache-headers?kind=throw']
    const stranger = new Browser(server)
    await stranger.request('/api/visit', { method: 'POST' })
    const visits = { 'the victim': { cookie: `h3=${victim}` }, 'a stranger': { cookie: stranger.cookieHeader }, 'nobody': {}, 'a forger': { 'cookie': `h3=${victim}x`, 'x-h3-session': `${victim.slice(0, -1)}x` }, 'an inner one': { 'x-nuxt-error': 'true', 'x-nuxt-h3-session-failed': '1', '__unenv__': '{}' } }
    for (let round = 0; round < 2; round++) {
      for (const [who, headers] of Object.entries(visits)) {
        for (const path of paths) {
          const answer = await new Browser(server).request(path, { headers: { accept: 'text/html', ...headers } })
          // The victim may see only its own data.
          if (who !== 'the victim') secrets.look(`${path} of ${who}`, answer)
          else expect(answer.text, path).not.toContain(PASSWORD)
        }
      }
    }
    secrets.seen.push({ where: 'the log', text: server.log }, ...await filesOf('client', '{.data,public}/**'))
    expect(secrets.found()).toEqual([])
  })

  it('do not bypass the origin check: the endpoint rejects pages of other origins, whatever the headers are', async () => {
    const { port } = new URL(server.url)
    const victim = await sealPayload(payload({ name: 'h3', data: { public: { name: 'x' } } }), PASSWORD)
    const foreign: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'cross-site', 'origin': server.url }, { origin: 'null' }, { origin: 'https://evil.example' }, { origin: 'file://' }, { origin: `http://127.0.0.1:${port}@evil.example` },
      { 'origin': `http://evil.example`, 'x-forwarded-host': 'app.example' }, { 'origin': 'file://', 'x-forwarded-host': '' }, { origin: 'not an origin' },
    ]
    for (const headers of foreign) {
      for (const method of ['GET', 'DELETE']) {
        const answer = await rawRequest(Number(port), '/api/_session', { method, headers: { cookie: `h3=${victim}`, ...headers } })
        expect([answer.status, answer.headers['set-cookie'], answer.headers['cache-control']], `${method} ${JSON.stringify(headers)}`).toEqual([403, undefined, 'no-store'])
      }
    }
    expect((await rawRequest(Number(port), '/api/_session', { method: 'DELETE', headers: { cookie: `h3=${victim}` } })).status).toBe(403)
  })
})

it('no file of the client build contains the server\'s options of nuxt.config', async () => {
  const files = await filesOf('main', 'public/**')
  expect(files.length).toBeGreaterThan(3)
  expect(files.filter(({ text }) => /test-only-password|maxBytes|storeTimeout|legacySealFallback/.test(text)).map(({ where }) => where)).toEqual([])
})
