import { beforeAll, describe, expect, it } from 'vitest'
import { buildWeighedApp } from '../../bench/weight/apps'
import { weigh } from '../../bench/weight/bytes'
import type { Bytes } from '../../bench/weight/bytes'

let bare: Bytes

beforeAll(async () => {
  bare = await weigh(await buildWeighedApp('bare'))
})

describe('gzipped bytes that the module adds to a new app with cookie sessions', () => {
  it('are those of cookie sessions on the server, and none in the browser', async () => {
    const { serverLoaded, clientLoaded, loaded } = await weigh(await buildWeighedApp('ours'))
    expect(serverLoaded - bare.serverLoaded).toBeLessThan(49 * 1024)
    // The names of files contain a hash of their content.
    expect(clientLoaded - bare.clientLoaded).toBeLessThan(64)
    expect(loaded.filter(file => /stores|page-session|client-answer/.test(file))).toEqual([])
  }, 240_000)

  it('are little more if a page shows the session', async () => {
    const { serverLoaded, clientLoaded } = await weigh(await buildWeighedApp('ours-shown'))
    expect(serverLoaded - bare.serverLoaded).toBeLessThan(52 * 1024)
    expect(clientLoaded - bare.clientLoaded).toBeLessThan(1.25 * 1024)
  }, 240_000)
})
