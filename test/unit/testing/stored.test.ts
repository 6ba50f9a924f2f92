import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import memory from 'unstorage/drivers/memory'
import fsLite from 'unstorage/drivers/fs-lite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { OLD_PASSWORD, openSeal, PASSWORD } from '../support/app'
import type { TestApp } from '../support/app'
import { itemsOf, liveRecords, storedApp, write } from '../support/stored'
import { cookieFor, readFor, visitWith } from './support'

const HOUR = 60 * 60 * 1000

/** The storage option for a test app with a store. */
function storageOf(app: TestApp) {
  return { storage: { driver: app.env.driver } }
}

describe('with storage, createSessionCookie', () => {
  it('writes the record and seals only its id and its user', async () => {
    const app = storedApp()
    const cookie = await cookieFor(app, { name: 'Ada' }, { userId: 'ada', ...storageOf(app) })
    expect(await openSeal(cookie.token)).toEqual({ id: cookie.id, name: 'h3', sealedAt: app.env.now(), userId: 'ada' })
    expect(await visitWith(app, cookie)).toMatchObject({ id: cookie.id, userId: 'ada', data: { name: 'Ada' }, isNew: false })
    expect([...itemsOf(app).keys()].some(key => key.includes(cookie.id))).toBe(false)
  })

  it('writes the same record as the module', async () => {
    const app = storedApp({ maxAge: 3600 })
    await app.browser().visit(async ({ open }) => (await open()).regenerate({ userId: 'ada', data: { visits: 1 } }))
    await cookieFor(app, { visits: 1 }, { userId: 'ada', maxAge: 3600, ...storageOf(app) })
    const [one, other] = liveRecords(app)
    expect(other).toEqual(one)
  })

  it('makes sessions that can be listed and revoked', async () => {
    const app = storedApp()
    await app.env.storeOf(app.resolve()).raiseEpoch('ada')
    const cookie = await cookieFor(app, {}, { userId: 'ada', ...storageOf(app) })
    const store = app.env.storeOf(app.resolve())
    expect((await store.list({ userId: 'ada' })).entries.map(({ key }) => key)).toEqual([app.env.hash(cookie.id)])
    expect(await visitWith(app, cookie), 'bound after the last "log out everywhere"').toMatchObject({ isNew: false })
    await store.raiseEpoch('ada')
    await visitWith(app, cookie)
    expect(app.env.reasons).toEqual(['revoked'])
  })

  it('makes sessions after the last "log out everybody", which the next one ends', async () => {
    const app = storedApp()
    const store = app.env.storeOf(app.resolve())
    await store.raiseAppEpoch(undefined)
    await store.raiseAppEpoch('h3')
    const cookie = await cookieFor(app, {}, storageOf(app))
    expect(await visitWith(app, cookie)).toMatchObject({ id: cookie.id, isNew: false })
    await store.raiseAppEpoch('h3')
    await visitWith(app, cookie)
    expect(app.env.reasons).toEqual(['revoked'])
  })

  it('can make sessions of the past', async () => {
    const app = storedApp({ maxAge: 3600 })
    const options = { maxAge: 3600, ...storageOf(app) }
    expect(await visitWith(app, await cookieFor(app, {}, { ...options, createdAt: app.env.time - HOUR + 1 }))).toMatchObject({ isNew: false })
    await visitWith(app, await cookieFor(app, {}, { ...options, createdAt: app.env.time - HOUR }))
    await visitWith(app, await cookieFor(app, {}, { ...options, now: () => app.env.time - 2 * HOUR }))
    expect(app.env.reasons).toEqual(['expired', 'expired'])
  })

  it('stores data that is too large for cookies', async () => {
    const app = storedApp()
    const cookie = await cookieFor(app, { text: 'x'.repeat(100_000) }, storageOf(app))
    expect(cookie.cookies).toHaveLength(1)
    expect((await visitWith(app, cookie)).data.text).toHaveLength(100_000)
  })

  it('throws if the id is taken', async () => {
    const app = storedApp()
    await cookieFor(app, { at: 1 }, { id: 'same', ...storageOf(app) })
    await expect(cookieFor(app, { at: 2 }, { id: 'same', ...storageOf(app) })).rejects.toMatchObject({ code: 'SESSION_CONFLICT' })
  })

  it('throws if the driver cannot write', async () => {
    const driver = { getItem: () => null, getKeys: () => [] }
    await expect(cookieFor(storedApp(), {}, { storage: { driver } })).rejects.toMatchObject({ code: 'SESSION_CONFIG_INVALID' })
  })

  it('throws if the store fails', async () => {
    const driver = { ...memory(), name: 'own', getItem: () => Promise.reject(new Error('down')), getInstance: undefined }
    await expect(cookieFor(storedApp(), {}, { userId: 'ada', storage: { driver } })).rejects.toMatchObject({ code: 'SESSION_STORE_UNAVAILABLE' })
  })

  it('writes below the prefix, into files that another process can read', async () => {
    const base = await mkdtemp(join(tmpdir(), 'sessions-'))
    onTestFinished(() => rm(base, { recursive: true, force: true }))
    const app = storedApp()
    const options = () => ({ storage: { driver: fsLite({ base }), prefix: 'sessions' } })
    const cookie = await cookieFor(app, { at: 'file' }, { userId: 'ada', ...options() })
    expect((await readFor(app, cookie, options()))!.data).toEqual({ at: 'file' })
    await expect(readFor(app, cookie, { storage: { driver: fsLite({ base }) } })).rejects.toMatchObject({ reason: 'expired' })
  })
})

describe('with storage, readSessionCookie', () => {
  it('reads the record of a cookie', async () => {
    const app = storedApp()
    const { lines } = await write(app.browser(), { visits: 1 })
    const session = await readFor(app, lines, storageOf(app))
    expect(session).toMatchObject({ data: { visits: 1 }, handle: app.env.hash(session!.id), expiresAt: app.env.time + 30 * 24 * HOUR })
  })

  it('throws with the reason for a rejected token', async () => {
    const app = storedApp()
    const browser = app.browser()
    const { lines } = await write(browser, { visits: 1 })
    await browser.visit(async ({ use }) => (await use()).regenerate())
    await expect(readFor(app, lines, storageOf(app))).rejects.toMatchObject({ reason: 'superseded' })
    await expect(readFor(app, await cookieFor(app), storageOf(app)), 'a cookie session').rejects.toMatchObject({ reason: 'expired' })
    expect(await readFor(app, await cookieFor(app), { ...storageOf(app), migrateUntil: new Date(app.env.time + HOUR) })).toBeDefined()
  })

  it('throws if the storage is missing', async () => {
    const app = storedApp()
    const { lines } = await write(app.browser(), { visits: 1 })
    await expect(readFor(app, lines)).rejects.toMatchObject({ code: 'SESSION_STORE_REQUIRED', message: expect.stringContaining('storage: { driver }') })
    await expect(readFor(app, lines, { password: OLD_PASSWORD }), 'of another password').rejects.toMatchObject({ reason: 'tampered' })
    expect(PASSWORD).not.toBe(OLD_PASSWORD)
  })
})
