import { beforeEach, describe, expect, it } from 'vitest'
import type { TestApp, TestBrowser } from './support/app'
import { DELAY, handleOf, Locations, regenerate, revokeIn, revokeUserIn, storeOf } from './support/locations'

const HOUR = 60 * 60
const DAY = 24 * HOUR

let locations: Locations
let a: TestApp
let b: TestApp

beforeEach(() => {
  locations = new Locations()
  ;({ a, b } = locations)
})

/** What each of these visitors sees in each location. */
async function seen(...visitors: TestBrowser[]): Promise<unknown[]> {
  const copies = visitors.flatMap(visitor => [a, b].map(app => locations.copy(visitor, app)))
  return Promise.all(copies.map(copy => copy.data()))
}

const clear = (browser: TestBrowser) => browser.visit(async ({ use }) => (await use()).clear())
const update = (browser: TestBrowser, data: object) => browser.visit(async ({ use }) => (await use()).update(data))

describe('a session that was revoked in one location', () => {
  it('is alive in another one during the delay, and has ended after it', async () => {
    const visitor = await locations.visitor()
    await revokeIn(a, await handleOf(visitor))
    expect(await seen(visitor)).toEqual([{}, { secret: 1 }])
    locations.pass(DELAY)
    expect(await seen(visitor)).toEqual([{}, {}])
  })

  it.each([
    ['of nobody', undefined, undefined],
    ['of a user', 'ada', undefined],
    ['of nobody, by a login', undefined, 'ada'],
    ['of a user, by another login', 'ada', 'ada'],
  ])('has ended after the delay, although it got new ids there: %s', async (_title, userId, login) => {
    const visitor = await locations.visitor(userId)
    const elsewhere = locations.copy(visitor, b)
    await revokeIn(a, await handleOf(visitor))
    await regenerate(elsewhere, login)
    expect(await elsewhere.data()).toEqual({ secret: 1 })
    const first = locations.copy(elsewhere, b)
    await regenerate(elsewhere)
    const second = locations.copy(elsewhere, b)
    await regenerate(elsewhere, login)
    await update(elsewhere, { n: 1 })
    locations.pass(DELAY)
    expect(await seen(visitor, first, second, elsewhere)).toEqual(Array.from({ length: 8 }, () => ({})))
    expect(await (await storeOf(a)).store.list({})).toMatchObject({ entries: [] })
    locations.pass(29 * DAY)
    expect(await seen(visitor, elsewhere)).toEqual([{}, {}, {}, {}])
  })

  it('has ended for descendants that got their new id from different locations', async () => {
    const visitor = await locations.visitor('ada')
    const handle = await handleOf(visitor)
    const [here, there] = [locations.copy(visitor, a), locations.copy(visitor, b)]
    await regenerate(there)
    await regenerate(here)
    locations.pass(DELAY)
    expect(await seen(here, there)).toEqual(Array.from({ length: 4 }, () => ({ secret: 1 })))
    const grandchild = locations.copy(there, a)
    await revokeIn(b, await handleOf(there))
    await regenerate(grandchild)
    locations.pass(DELAY)
    await revokeIn(a, handle)
    expect(await seen(here, there, grandchild)).toEqual(Array.from({ length: 6 }, () => ({})))
  })

  it('does not come back when its tombstone expires, although it was updated in the other location', async () => {
    const visitor = await locations.visitor()
    await revokeIn(a, await handleOf(visitor))
    await update(locations.copy(visitor, b), { late: true })
    locations.pass(2 * HOUR)
    for (const { env } of [a, b]) env.driver.removeItem!(`dead:${await handleOf(visitor)}`, {})
    locations.pass(DELAY)
    expect(await seen(visitor)).toEqual([{}, {}])
  })

  it('ends a request that has read the session in the other location before, and gives it a new id after the delay', async () => {
    const visitor = await locations.visitor()
    const handle = await handleOf(visitor)
    const writing = locations.copy(visitor, b).visit(async ({ use }) => {
      const session = await use()
      await revokeIn(a, handle)
      locations.pass(DELAY)
      await session.regenerate()
    })
    await expect(writing).rejects.toMatchObject({ code: 'SESSION_CONFLICT' })
  })

  it('ends too if the other location has replaced it and only the tombstone of that has arrived', async () => {
    const visitor = await locations.visitor()
    const handle = await handleOf(visitor)
    const elsewhere = locations.copy(visitor, b)
    await regenerate(elsewhere)
    const tombstone = await b.env.driver.getItem(`dead:${handle}`)
    await a.env.driver.setItem!(`dead:${handle}`, tombstone as string, {})
    await revokeIn(a, handle)
    await regenerate(elsewhere)
    locations.pass(DELAY)
    expect(await seen(visitor, elsewhere)).toEqual([{}, {}, {}, {}])
  })
})

describe('a logout in one location', () => {
  it('ends the session after the delay, beside an update and a new id in another one', async () => {
    for (const userId of [undefined, 'ada']) {
      const visitor = await locations.visitor(userId)
      const [updating, renewing] = [locations.copy(visitor, b), locations.copy(visitor, b)]
      const copy = locations.copy(visitor, a)
      await clear(visitor)
      await update(updating, { n: 1 })
      await regenerate(renewing)
      locations.pass(DELAY)
      expect(await seen(copy, updating, renewing)).toEqual(Array.from({ length: 6 }, () => ({})))
      await update(visitor, { new: true })
      locations.pass(DELAY)
      expect(await seen(visitor)).toEqual([{ new: true }, { new: true }])
    }
  })

  it('ends a cookie session that migrates in two locations', async () => {
    for (const { config } of [a, b]) Object.assign(config, { migrateUntil: new Date(a.env.time + DAY * 1000).toISOString() })
    const cookie = `h3=${await a.seal({ data: { secret: 1 } }, { storage: false })}`
    const [here, there] = [a.browser(), b.browser()]
    for (const browser of [here, there]) await browser.visit(({ use }) => use(), { cookie })
    const copy = locations.copy(here, a)
    await clear(here)
    await regenerate(there)
    expect(await there.data()).toEqual({ secret: 1 })
    locations.pass(DELAY)
    expect(await seen(copy, there)).toEqual([{}, {}, {}, {}])
  })

  it('does not end a login that replaced the session before', async () => {
    const visitor = await locations.visitor()
    const slow = locations.copy(visitor, a)
    await regenerate(visitor, 'ada')
    await clear(slow)
    await revokeIn(a, await handleOf(slow))
    locations.pass(DELAY)
    expect(await seen(visitor)).toEqual([{ secret: 1 }, { secret: 1 }])
  })
})

describe('a new id that is not used', () => {
  it('does not end the session', async () => {
    const visitor = await locations.visitor('ada')
    const copy = locations.copy(visitor, a)
    // A parallel update makes the first try of regenerate() fail.
    await visitor.visit(async ({ use }) => {
      const session = await use()
      await update(copy, { parallel: true })
      await session.regenerate()
    })
    locations.pass(DELAY)
    expect(await seen(visitor)).toEqual(Array.from({ length: 2 }, () => ({ secret: 1, parallel: true })))
  })
})

describe('the end of all sessions of a user', () => {
  it('holds after the delay, although one got a new id and another one was updated elsewhere', async () => {
    const [one, two] = [await locations.visitor('ada'), await locations.visitor('ada')]
    const [renewing, again, updating] = [locations.copy(one, b), locations.copy(one, b), locations.copy(two, b)]
    await revokeUserIn(a, 'ada')
    await regenerate(renewing)
    await regenerate(again, 'ada')
    await update(updating, { n: 1 })
    locations.pass(DELAY)
    expect(await seen(one, two, renewing, again, updating)).toEqual(Array.from({ length: 10 }, () => ({})))
  })

  it('holds for a session that became another user\'s elsewhere', async () => {
    const visitor = await locations.visitor('ada')
    const elsewhere = locations.copy(visitor, b)
    await revokeUserIn(a, 'ada')
    await elsewhere.visit(async ({ use }) => (await use()).regenerate({ userId: 'eve', keepData: true }))
    locations.pass(DELAY)
    expect(await seen(visitor, elsewhere)).toEqual([{}, {}, {}, {}])
  })

  it('holds for a session that ended the others of its user elsewhere, and for its new id', async () => {
    const visitor = await locations.visitor('ada')
    const elsewhere = locations.copy(visitor, b)
    await revokeUserIn(a, 'ada')
    locations.pass(1)
    await revokeUserIn(b, 'ada', await handleOf(elsewhere))
    await regenerate(elsewhere)
    locations.pass(DELAY)
    expect(await seen(visitor, elsewhere)).toEqual([{}, {}, {}, {}])
  })

  it('ends a copy of the excepted session that got another id elsewhere', async () => {
    const visitor = await locations.visitor('ada')
    const copy = locations.copy(visitor, b)
    await regenerate(copy)
    await regenerate(visitor)
    locations.pass(DELAY)
    await revokeUserIn(a, 'ada', await handleOf(visitor))
    locations.pass(DELAY)
    expect(await seen(visitor, copy)).toEqual([{ secret: 1 }, { secret: 1 }, {}, {}])
  })

  it('does not end the excepted session, nor its new ids', async () => {
    const [kept, other] = [await locations.visitor('ada'), await locations.visitor('ada')]
    await revokeUserIn(a, 'ada', await handleOf(kept))
    await regenerate(kept)
    locations.pass(DELAY)
    await regenerate(kept)
    locations.pass(DELAY)
    expect(await seen(kept, other)).toEqual([{ secret: 1 }, { secret: 1 }, {}, {}])
  })
})
