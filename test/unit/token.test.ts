import { describe, expect, it } from 'vitest'
import { haveSameToken, readToken } from '../../src/runtime/core/session/token'
import { createWebCodec } from '../../src/runtime/core/seal/web-codec'
import { resolveConfig } from '../../src/runtime/core/config/resolve'
import type { SessionConfig } from '../../src/runtime/core/model/types'
import { PASSWORD } from './support/app'
import { FakeTransport } from './support/transport'

const config = (options: SessionConfig = {}) => resolveConfig({ password: PASSWORD, ...options }, undefined, { createCodec: createWebCodec })
const request = (cookie?: string, header?: string) => new FakeTransport({ cookie, headers: header === undefined ? {} : { 'x-h3-session': header } })

describe('the token of a request', () => {
  it.each([
    [undefined, undefined, undefined],
    ['h3=cookie', undefined, { value: 'cookie', transport: 'cookie' }],
    ['h3=cookie', 'header', { value: 'header', transport: 'header' }],
    ['h3=cookie', '', { value: 'cookie', transport: 'cookie' }],
    ['h3=', undefined, undefined],
    ['other=cookie', undefined, undefined],
    ['h3=__chunked__2; h3.1=one; h3.2=two', undefined, { value: 'onetwo', transport: 'cookie' }],
  ])('of the cookies %j and the header %j is %j', (cookie, header, token) => {
    expect(readToken(request(cookie, header), config())).toEqual(token)
  })

  it('never comes from the header if headers are ignored', () => {
    expect(readToken(request('h3=cookie', 'header'), config({ sessionHeader: false }))).toEqual({ value: 'cookie', transport: 'cookie' })
  })
})

describe('two requests have the same session', () => {
  it.each<[one: [cookie?: string, header?: string], other: [cookie?: string, header?: string], isSame: boolean]>([
    [[], [], true],
    [['h3=a'], ['h3=a'], true],
    [['h3=a'], ['h3=b'], false],
    [['h3=a'], [], false],
    [['h3=a'], [''], false],
    [['h3=a'], ['h3=a; other=1'], true],
    [['h3=a; other=1'], ['other=2; h3=a'], true],
    [['other=1'], ['other=2'], true],
    [['other=1'], [], true],
    [['h3=a'], ['h3=b; h3=a'], false],
    [['h3=__chunked__2; h3.1=one; h3.2=two'], ['h3=__chunked__2; h3.1=one; h3.2=too'], false],
    [['h3=__chunked__2; h3.1=one; h3.2=two'], ['h3.2=two; h3.1=one; h3=__chunked__2'], true],
    [['h3=a', 'x'], ['h3=a', 'x'], true],
    [['h3=a', 'x'], ['h3=b', 'x'], true],
    [['h3=a', 'x'], ['h3=a'], false],
    [['h3=a', 'x'], ['h3=a', 'y'], false],
    [['h3=a', ''], ['h3=a'], true],
    // The same token, but the response uses another transport.
    [['h3=a'], [undefined, 'a'], false],
  ])('%j and %j: %s', (one, other, isSame) => {
    expect(haveSameToken(request(...one), request(...other), config())).toBe(isSame)
    expect(haveSameToken(request(...other), request(...one), config())).toBe(isSame)
  })

  it('with any headers, if headers are ignored', () => {
    expect(haveSameToken(request('h3=a', 'x'), request('h3=a', 'y'), config({ sessionHeader: false }))).toBe(true)
  })

  it('by name', () => {
    const [one, other] = [request('h3=a; cart=b'), request('h3=c; cart=b')]
    expect([haveSameToken(one, other, config()), haveSameToken(one, other, config({ name: 'cart' }))]).toEqual([false, true])
  })
})
