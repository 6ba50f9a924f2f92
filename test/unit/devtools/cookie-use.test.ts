import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digest } from 'ohash/crypto'
import type { SessionHost } from '../../../src/runtime/adapters/shared/host'
import { describeCookieUse } from '../../../src/runtime/server/devtools/cookie-use'
import { KnownOptions } from '../../../src/runtime/server/devtools/known-options'
import { adoptEnvironment } from '../../../src/runtime/server/environment'
import type { ServerEnvironment } from '../../../src/runtime/server/environment'
import { FakeTransport } from '../support/transport'

beforeEach(() => adoptEnvironment({ host: { sessionConfig: () => ({ name: 'h3', named: { cart: {}, api: { cookie: false } } }) } } as unknown as ServerEnvironment))
afterEach(() => adoptEnvironment(undefined as never))

const SEAL = 'Fe26.2**seal'
const REMOVAL = 'h3=; Max-Age=0; Path=/'

describe('a request with the cookie of a session', () => {
  it('is reported with the token and the browser, if it did not use the session', () => {
    const [message, ...more] = useOf({ cookie: `h3=${SEAL}; theme=dark` })
    expect(message).toMatchObject({ kind: 'unused', name: 'h3', transport: 'cookie', tokenHash: digest(SEAL), client: expect.any(String), method: 'GET', path: '/plain', at: 5 })
    expect(more).toEqual([])
    expect(useOf({ cookie: `h3=${SEAL}`, used: ['h3'] }), 'it has messages of its own').toEqual([])
  })

  it.each(['', 'theme=dark', `other=${SEAL}`, `api=${SEAL}`, 'h3='])('is not reported with the cookies "%s"', (cookie) => {
    expect(useOf({ cookie })).toEqual([])
  })

  it('is not reported if it is an inner request', () => {
    expect(useOf({ cookie: `h3=${SEAL}`, all: [REMOVAL], isInner: true })).toEqual([])
  })
})

describe('a response that removes the cookie of a session', () => {
  it.each([REMOVAL, 'h3=; Max-Age=0', 'h3=something%20else; Path=/; HttpOnly'])('is reported by the line "%s" of the app', (line) => {
    expect(kindsOf({ cookie: `h3=${SEAL}`, used: ['h3'], all: ['theme=dark', line] })).toEqual(['remove h3'])
    expect(kindsOf({ cookie: '', all: [line] }), 'of a request without it').toEqual(['remove h3'])
    expect(kindsOf({ cookie: `h3=${SEAL}; cart=${SEAL}`, all: [line] })).toEqual(['unused h3', 'remove h3', 'unused cart'])
  })

  it.each<[string, string[], string[]?]>([
    ['is of this module, as of clear()', [REMOVAL], [REMOVAL]],
    ['sets a session, as h3\'s own functions do', [`h3=${SEAL}; Path=/`]],
    ['is replaced by a later one', [REMOVAL, `h3=${SEAL}; Path=/`]],
    ['is of another Path', ['h3=; Max-Age=0; Path=/admin']],
    ['is of another Domain', ['h3=; Max-Age=0; Path=/; Domain=shop.test']],
    ['is of another cookie', ['theme=; Max-Age=0; Path=/']],
    ['is of a session without a cookie', ['api=; Max-Age=0; Path=/']],
  ])('is not reported if the line %s', (_, all, own = []) => {
    expect(kindsOf({ cookie: `h3=${SEAL}`, used: ['h3'], all, own })).toEqual([])
  })
})

interface Facts { cookie: string, used?: string[], all?: string[], own?: string[], isInner?: boolean }

function useOf({ cookie, used = [], all = [], own = [], isInner = false }: Facts) {
  const event = { method: 'GET', path: '/plain?n=1', node: {} }
  const transport = Object.assign(new FakeTransport({ cookie }), { event })
  for (const name of used) transport.states[name] = {} as never
  const host = { outerEvent: () => isInner ? {} : undefined, transportOf: () => transport } as unknown as SessionHost
  return describeCookieUse(event as never, host, new KnownOptions(), { all, own }, 5)
}

function kindsOf(facts: Facts): string[] {
  return useOf(facts).map(({ kind, name }) => `${kind} ${name}`)
}
