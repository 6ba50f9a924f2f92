import { describe, expect, it, vi } from 'vitest'
import { MAX_BODY_BYTES } from '../../src/devtools/body-limit'
import { ApiError, createHttpApi } from '../src/lib/http-api'

const ORIGIN = 'http://localhost:3000'

function setUp(answer: (url: string, init: RequestInit) => Response) {
  let granted = 0
  const access = vi.fn(async () => ({ token: `token-${++granted}`, api: '/base/__nuxt_session__/api' }))
  const fetch = vi.fn(async (url: string, init: RequestInit) => answer(url, init))
  return { access, fetch, api: createHttpApi({ access, origin: ORIGIN, fetch }) }
}

const tokenOf = (init: RequestInit): string => (init.headers as Record<string, string>)['x-nuxt-session-token'] ?? ''

describe('createHttpApi', () => {
  it('sends the token in a header, and requests it once', async () => {
    const { api, access, fetch } = setUp(() => Response.json({ seq: 1 }))
    await Promise.all([api.state(), api.state()])
    expect(access).toHaveBeenCalledOnce()
    expect(fetch.mock.calls[0]?.[0]).toBe('/base/__nuxt_session__/api/state')
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({ method: 'GET', cache: 'no-store', credentials: 'same-origin' })
    expect(tokenOf(fetch.mock.calls[0]![1])).toBe('token-1')
  })

  it('requests a new token after a 401, and tries once more', async () => {
    const { api, access } = setUp((_, init) => tokenOf(init) === 'token-2' ? Response.json({ seq: 2 }) : Response.json({ error: 'token' }, { status: 401 }))
    expect(await api.state()).toEqual({ seq: 2 })
    expect(access).toHaveBeenCalledTimes(2)
  })

  it('requests one new token for parallel requests that get a 401', async () => {
    const { api, access } = setUp((_, init) => tokenOf(init) === 'token-1' ? Response.json({}, { status: 401 }) : Response.json({}))
    await Promise.all([api.state(), api.unseal({ text: '' }), api.state()])
    expect(access).toHaveBeenCalledTimes(2)
  })

  it('sends no body that the server would refuse, and says the limit', async () => {
    const { api, fetch } = setUp(() => Response.json({ results: [] }))
    await api.unseal({ text: 'x'.repeat(MAX_BODY_BYTES - 20) })
    expect(fetch).toHaveBeenCalledOnce()
    await expect(api.unseal({ text: 'é'.repeat(MAX_BODY_BYTES / 2) })).rejects.toThrow('it has 257 KB, and the limit is 256 KB')
    await expect(api.unseal({ text: 'x'.repeat(12_000_000) })).rejects.toThrow('it has 11,719 KB, and the limit is 256 KB. Only the seal or its Cookie header is needed.')
    await expect(api.create({ name: 'main', data: {}, userId: 'x'.repeat(12_000_000) })).rejects.toThrow('the limit is 256 KB. Send less.')
    expect(fetch).toHaveBeenCalledOnce()
  })

  it('gives up after the second 401', async () => {
    const { api, fetch } = setUp(() => Response.json({ error: 'Not authorised.' }, { status: 401 }))
    await expect(api.state()).rejects.toMatchObject({ name: 'ApiError', status: 401, message: 'Not authorised.' })
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it('asks DevTools again after DevTools has denied access', async () => {
    const { api, access } = setUp(() => Response.json({ seq: 1 }))
    access.mockRejectedValueOnce(new Error('Invalid dev auth token'))
    await expect(api.state()).rejects.toMatchObject({ name: 'AccessError', message: 'Invalid dev auth token' })
    expect(await api.state()).toEqual({ seq: 1 })
  })

  it('posts JSON and accepts an empty response', async () => {
    const { api, fetch } = setUp(() => new Response(undefined, { status: 204 }))
    await api.edit({ name: 'main', data: { a: 1 } })
    expect(fetch.mock.calls[0]?.[1]).toMatchObject({ method: 'POST', body: '{"name":"main","data":{"a":1}}' })
  })

  it('has an error message for a response of a proxy', async () => {
    const { api } = setUp(() => new Response('<h1>Bad gateway</h1>', { status: 502 }))
    await expect(api.state()).rejects.toEqual(new ApiError('The development server answered with status 502.', 502))
  })

  it.each(['before', 'while'])('says that the server does not answer if the connection ends %s it sends', async (when) => {
    const { api } = setUp(() => {
      if (when === 'before') throw new TypeError('Failed to fetch')
      return new Response(new ReadableStream({ start: controller => controller.error(new TypeError('network error')) }))
    })
    await expect(api.state()).rejects.toMatchObject({ name: 'UnansweredError', message: 'The development server does not answer.' })
  })

  it('opens a created session\'s link with cookies and without the token', async () => {
    const { api, fetch } = setUp(() => new Response('ok'))
    await api.redeem('/use/1')
    expect(fetch).toHaveBeenCalledWith('/use/1', { credentials: 'same-origin', cache: 'no-store', redirect: 'manual' })
  })

  it('returns the app\'s URL', async () => {
    expect(await setUp(() => new Response()).api.appUrl()).toBe('http://localhost:3000/base/')
  })
})
