import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { isHidden, openTabStrip } from './support/tab-strip'
import { suiteVisitors, Visitor } from './support/visitor'
import type { Tab } from './support/visitor'

const GET = 'GET /api/_session'
const CHANNEL = 'nuxt-h3-session/'

const password = { NUXT_SESSION_PASSWORD: testPassword() }
const server = suiteServer('client', password)
const newVisitor = suiteVisitors(server)

describe('tabs of a browser', () => {
  it('show a change made in one of them', async () => {
    const visitor = await newVisitor()
    const [one, other] = [await visitor.open('/'), await visitor.open('/cached')]
    await other.shows('header', 'ready {}')
    await one.press('login')
    await other.shows('header', 'ready {"public":{"name":"Ada"}}')
    await one.press('visit')
    await other.shows('header', 'ready {"public":{"name":"Ada","visits":1}}')
    await other.goto('/')
    await other.press('clear')
    await one.shows('name', 'nobody')
    expect([...one.complaints, ...other.complaints]).toEqual([])
  })

  it.each(['/', '/cached'])('show what changed before one of them loaded %s', async (path) => {
    const visitor = await newVisitor()
    const one = await visitor.open('/')
    await visitor.login()
    const other = await visitor.open(path)
    await other.shows('header', 'Ada')
    await one.shows('name', 'Ada')
    await expectQuiet(one, other)
    expect(one.asked).toEqual([GET])
  })

  it('show a session that a guard loaded in one of them', async () => {
    const visitor = await newVisitor()
    const [one, other] = [await visitor.open('/'), await visitor.open('/')]
    await visitor.login()
    await other.follow('/guarded')
    await other.shows('header', 'Ada')
    await one.shows('name', 'Ada')
  })

  it('request the session once each after a change', async () => {
    const visitor = await newVisitor()
    const tabs = [await visitor.open('/'), await visitor.open('/'), await visitor.open('/')]
    for (const tab of tabs) await expectQuiet(tab)
    for (const tab of tabs) tab.asked.length = 0
    await tabs[0]!.press('login')
    for (const tab of tabs) await tab.shows('name', 'Ada')
    await expectQuiet(...tabs)
    for (const tab of tabs) expect(tab.asked).toEqual([GET])
  })

  it('request the session only when they become visible', async () => {
    const visitor = new Visitor(await openTabStrip())
    const hidden = await visitor.open(`${server.url}/`)
    const front = await visitor.tab()
    await expect.poll(() => isHidden(hidden.page)).toBe(true)
    await visitor.post(`${server.url}/api/login`, { name: 'Ada' })
    await front.goto(`${server.url}/`)
    await expectQuiet(front, hidden)
    expect(hidden.asked).toEqual([])
    await hidden.page.bringToFront()
    await hidden.shows('name', 'Ada')
    await front.page.bringToFront()
    await expect.poll(() => isHidden(hidden.page)).toBe(true)
    await hidden.page.bringToFront()
    await expect.poll(() => isHidden(front.page)).toBe(true)
    await expectQuiet(hidden)
    expect(hidden.asked).toEqual([GET])
  })

  it('send each other no session data', async () => {
    const visitor = await newVisitor()
    const listener = await visitor.open('/plain')
    await listener.page.evaluate((name) => {
      const heard: unknown[] = []
      new BroadcastChannel(name).onmessage = ({ data }) => heard.push(data)
      Object.assign(window, { heard })
    }, CHANNEL)
    const heard = () => listener.page.evaluate(() => (window as unknown as { heard: unknown[] }).heard)
    const tab = await visitor.open('/')
    await tab.press('login')
    await tab.shows('name', 'Ada')
    await tab.press('clear')
    await tab.shows('name', 'nobody')
    await expect.poll(heard, { timeout: 10_000 }).toEqual(['loaded', 'changed', 'changed'])
  })
})

describe('two browsers', () => {
  it('do not affect each other', async () => {
    const [one, other] = [await newVisitor(), await newVisitor()]
    const [tab, otherTab] = [await one.open('/'), await other.open('/')]
    await tab.press('login')
    await tab.shows('name', 'Ada')
    await expectQuiet(otherTab)
    expect(await otherTab.text('name')).toBe('nobody')
    expect(otherTab.asked).toEqual([])
  })

  it('are both logged out if a user\'s stored sessions are revoked', async () => {
    const server = await testServer('client', { ...password, NUXT_SESSION_STORAGE: 'memory' })
    const [one, other] = [await newVisitor(server), await newVisitor(server)]
    for (const visitor of [one, other]) await visitor.login()
    const [tab, otherTab] = [await one.open('/'), await other.open('/')]
    await otherTab.shows('name', 'Ada')
    await one.post('/api/logout-everywhere')
    for (const ended of [tab, otherTab]) {
      await ended.press('refresh')
      await ended.shows('name', 'nobody')
      expect(ended.complaints).toEqual([])
    }
  })

  it('show no user after a guard finds that the session has ended', async () => {
    const server = await testServer('client', { ...password, NUXT_SESSION_STORAGE: 'memory' })
    const [one, other] = [await newVisitor(server), await newVisitor(server)]
    for (const visitor of [one, other]) await visitor.login()
    const tab = await other.open('/')
    await one.post('/api/logout-everywhere')
    await tab.follow('/guarded')
    await tab.page.locator('#login-page').waitFor()
    await tab.shows('header', 'ready {}')
    expect(tab.complaints).toEqual([])
  })
})

/** Waits until signals have reached all tabs and caused their requests. */
async function expectQuiet(...tabs: Tab[]): Promise<void> {
  const counts = () => tabs.map(tab => tab.asked.length)
  let before: number[]
  let rounds = 0
  do {
    expect(rounds++, 'the tabs come to rest').toBeLessThan(5)
    before = counts()
    for (const tab of [...tabs, ...tabs]) await tab.settled()
  } while (String(counts()) !== String(before))
}
