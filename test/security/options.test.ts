import { ServerResponse, IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { parseSetCookie } from 'cookie-es'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import { SessionError } from '../../src/runtime/core/model/errors'
import type { SessionConfig, SessionCookieOptions } from '../../src/runtime/core/model/types'
import { restrictToVisitor } from '../../src/runtime/adapters/h3-v1/response-guard'
import { isSameOrigin } from '../../src/runtime/adapters/shared/origin'
import { PASSWORD } from '../unit/support/app'
import { inputs, TIMEOUT, weighted } from './support/campaign'
import { World } from './support/world'

vi.setConfig({ testTimeout: TIMEOUT })

const NASTY = ['', ' ', '\r\n', '\r\nSet-Cookie: evil=1', '\n', '\0', '; HttpOnly', ';', '; Domain=evil.example', '; Path=/evil', ', evil=1', '=', '"', '\\', '%0d%0a', '\u010D\u010A', '\u560D\u560A', '\u2028', '\u0085', '\u007F', '\u0100', 'ä', '😀', '\uD800', '__proto__', 'constructor', '__Host-x', '__Secure-x', 'h3.1', '/', '//', '/a', '/a b', '/ ', '/a=b', '/a,b', 'example.org', '.example.org', 'a b', 'lax', 'STRICT', 'none', 'high']
const anyText = weighted([3, fc.constantFrom(...NASTY)], [2, fc.tuple(fc.string({ maxLength: 12 }), fc.constantFrom(...NASTY), fc.string({ maxLength: 12 })).map(parts => parts.join(''))], [1, fc.string({ unit: 'binary', maxLength: 12 })], [2, fc.stringMatching(/^[\w-]{1,20}$/)])
const anything = weighted<unknown>([8, anyText], [1, fc.anything()])
const flag = weighted<unknown>([6, fc.constantFrom(undefined, true, false, '')], [1, anything])

const cookieOptions = fc.record({
  domain: anything, path: weighted<unknown>([3, anyText.map(text => `/${text}`)], [1, anything]), sameSite: weighted<unknown>([3, fc.constantFrom('lax', 'strict', 'none', true, false, 'Lax')], [2, anything]),
  priority: weighted<unknown>([3, fc.constantFrom('low', 'high')], [1, anything]), secure: flag, httpOnly: flag, partitioned: flag,
  maxAge: weighted<unknown>([2, fc.integer()], [1, fc.double()], [1, anything]), expires: weighted<unknown>([2, fc.date()], [1, anything]),
}, { requiredKeys: [] })

/** Resolves options. Rejected ones always throw the same code. */
function resolve(config: unknown) {
  try {
    return resolveConfig({ password: PASSWORD, ...config as SessionConfig }, undefined)
  }
  catch (error) {
    expect(error).toBeInstanceOf(SessionError)
    expect((error as SessionError).code).toBe('SESSION_CONFIG_INVALID')
    expect((error as SessionError).message).not.toMatch(/[\r\n\0]/)
    return undefined
  }
}

/** A header as a server sends it. Node rejects characters that break the line. */
function expectOneLine(line: string): void {
  // eslint-disable-next-line no-control-regex -- the characters that break a header
  expect(line).not.toMatch(/[\u0000-\u0008\u000A-\u001F\u007F-\uFFFF]/)
}

describe('names and cookie options of any kind', () => {
  it('are rejected, or make lines exactly as configured', async () => {
    const world = new World('node')
    await fc.assert(fc.asyncProperty(anything, cookieOptions, fc.integer({ min: 300, max: 5000 }), async (name, cookie, chunkMaxLength) => {
      const call = { name, cookie: { ...cookie, chunkMaxLength } } as SessionConfig
      const config = resolve(call)
      if (!config || config.cookie === false) return
      const { transport, use } = world.request({ isSecure: true, cookie: `${config.name}.3=stale` })
      const session = await use(call)
      await session.update({ text: 'x'.repeat(500) })
      const lines = transport.setCookies()
      expect(lines.length).toBeGreaterThan(0)
      for (const line of lines) expectLine(line, config.name, config.cookie)
      await session.clear()
      for (const line of transport.setCookies()) expectLine(line, config.name, config.cookie)
    }), inputs(600, 0.03))
  })

  it('of sessionHeader are rejected, or make a header with that name', async () => {
    const world = new World('node')
    const token = await world.seal(JSON.stringify({ id: 'sealed', createdAt: world.env.now(), data: {} }))
    await fc.assert(fc.asyncProperty(anything, async (sessionHeader) => {
      const call = { sessionHeader } as SessionConfig
      const config = resolve(call)
      if (!config || config.sessionHeader === false) return
      const response = new ServerResponse(new IncomingMessage(new Socket()))
      const { transport, use } = world.request({ headers: { [config.sessionHeader]: token } })
      await (await use(call)).update({ a: 1 })
      for (const [name, value] of Object.entries(transport.responseHeaders)) {
        expect(name).toBe(config.sessionHeader)
        response.setHeader(name, value)
        expectOneLine(`${name}: ${value}`)
      }
      expect(transport.vary.join()).toBe(`Cookie,${config.sessionHeader}`)
    }), inputs(300, 0.01))
  })
})

/** Expects that a Set-Cookie line contains the value and the configured attributes, each once, and nothing else. */
function expectLine(line: string, name: string, cookie: Pick<SessionCookieOptions, 'path' | 'domain' | 'httpOnly'>): void {
  expectOneLine(line)
  const [pair = '', ...attributes] = line.split('; ')
  expect(pair).toMatch(/^[^=;\s]+=[\w.*-]*$/)
  expect(pair.startsWith(`${name}=`) || pair.startsWith(`${name}.`)).toBe(true)
  const parsed = parseSetCookie(line)
  expect(parsed.path).toBe(cookie.path)
  expect(parsed.domain).toBe(cookie.domain)
  expect(Boolean(parsed.httpOnly)).toBe(cookie.httpOnly ?? false)
  const names = attributes.map(attribute => attribute.split('=', 1)[0]!)
  expect(new Set(names).size, line).toBe(names.length)
  for (const each of names) expect(['Max-Age', 'Domain', 'Path', 'Expires', 'HttpOnly', 'Secure', 'Priority', 'SameSite', 'Partitioned']).toContain(each)
}

describe('cookie.encode', () => {
  it('whose result would break the line is rejected before anything is sent', async () => {
    const world = new World('node')
    await fc.assert(fc.asyncProperty(anyText, async (suffix) => {
      const call: SessionConfig = { cookie: { encode: value => value + suffix } }
      const { transport, use } = world.request({ isSecure: true })
      const code = await use(call).then(() => undefined, (error: SessionError) => error.code)
      if (code !== undefined) {
        expect([code, transport.setCookies()]).toEqual(['SESSION_CONFIG_INVALID', []])
        return
      }
      for (const line of transport.setCookies()) {
        expectOneLine(line)
        expect(line.split(';').slice(1).join(';')).toBe(' Path=/; HttpOnly; Secure; SameSite=Lax')
      }
    }), inputs(200, 0.002))
  })
})

describe('a request is from the same origin', () => {
  const hosts = ['app.example', 'app.example:8443', '[::1]:3000', '127.0.0.1:3000', 'APP.example', '', ' ', 'evil.example']
  const origins = [...hosts.flatMap(host => [`https://${host}`, `http://${host}`, `https://${host}/`]), 'null', 'file://', 'about:blank', 'data:text/html,x', 'blob:https://app.example/x', 'chrome-extension://abc', 'https://app.example@evil.example', 'https://evil.example\\@app.example', 'https://app.example.evil.example', 'https://evil.example#app.example', 'https://evil.example?app.example', 'https://', '//app.example', 'app.example']
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })

  it('only by Sec-Fetch-Site, or if the hosts are equal and valid', () => {
    const headers = fc.record({
      'sec-fetch-site': optional(fc.constantFrom('same-origin', 'same-site', 'cross-site', 'none', 'Same-Origin', 'null', ' same-origin')),
      'origin': optional(weighted([4, fc.constantFrom(...origins)], [1, anyText])), 'host': optional(fc.constantFrom(...hosts)),
      'x-forwarded-host': optional(fc.constantFrom(...hosts, 'evil.example, app.example', ',app.example', ', ')),
    })
    fc.assert(fc.property(headers, fc.constantFrom('GET', 'HEAD', 'DELETE', 'POST'), (headers, method) => {
      const isSame = isSameOrigin({ requestHeader: name => headers[name as keyof typeof headers] }, method)
      const site = headers['sec-fetch-site']
      const hasAnswer = site ? site === 'same-origin' || site === 'none' : !headers.origin && (method === 'GET' || method === 'HEAD')
      if (site || !headers.origin || !isSame) {
        expect(isSame, JSON.stringify(headers)).toBe(hasAnswer)
        return
      }
      const origin = new URL(headers.origin)
      expect(origin.host, JSON.stringify(headers)).not.toBe('')
      expect([headers.host, headers['x-forwarded-host']?.split(',')[0]?.trim()].map(host => host?.toLowerCase())).toContain(origin.host)
    }), inputs(3000, 0.02))
  })
})

describe('the headers that an app passes to writeHead', () => {
  it('are sent as by Node, except for the cache headers and the session\'s cookie, which stays', () => {
    const name = fc.constantFrom('Set-Cookie', 'set-cookie', 'X-A', 'x-a', 'Vary', 'Link', 'Cache-Control')
    const pairs = fc.array(fc.tuple(name, fc.stringMatching(/^[a-z]{1,6}=\d$/)), { maxLength: 5 })
    fc.assert(fc.property(pairs, (pairs) => {
      const sent = (isRestricted: boolean) => {
        const response = new ServerResponse(new IncomingMessage(new Socket()))
        response.setHeader('set-cookie', ['h3=seal'])
        if (isRestricted) restrictToVisitor(response, ['Cookie'])
        response.writeHead(200, pairs.flat())
        const { vary: _vary, 'cache-control': _control, 'set-cookie': cookies, ...others } = Object.fromEntries(response.getHeaderNames().map(each => [each, [response.getHeader(each)].flat()]))
        return { cookies, others }
      }
      const { others, cookies } = sent(true)
      expect(others).toEqual(sent(false).others)
      expect(cookies).toEqual(['h3=seal', ...pairs.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value)])
    }), inputs(200, 0.002))
  })
})
