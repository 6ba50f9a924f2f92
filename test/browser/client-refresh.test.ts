import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { suiteVisitors } from './support/visitor'
import type { HeldAnswer, Tab, Visitor } from './support/visitor'

const GET = 'GET /api/_session'
const DELETE = 'DELETE /api/_session'
const REQUIRE_USER = 'GET /api/_session?require=user'

const newVisitor = suiteVisitors(suiteServer('client', { NUXT_SESSION_PASSWORD: testPassword() }))

describe('refresh', () => {
  it('shows what a route changed, in all components, without a reload', async () => {
    const tab = await (await newVisitor()).open('/')
    await tab.press('login')
    await tab.shows('name', 'Ada')
    await tab.press('visit')
    await tab.shows('visits', '1')
    expect(await tab.text('header')).toBe('ready {"public":{"name":"Ada","visits":1}}')
    expect(tab).toMatchObject({ asked: [GET, GET], complaints: [] })
  })

  it('shows the newest state if it is called while an older request is pending', async () => {
    const { visitor, tab } = await openLoggedIn('/')
    const older = await holdRefresh(tab)
    await visitor.post('/api/visit')
    await tab.press('refresh')
    await tab.press('refresh')
    older.release()
    await tab.shows('visits', '1')
    await tab.settled()
    expect(tab).toMatchObject({ asked: [GET, GET], complaints: [] })
  })

  it('ignores a response that arrives after that of a later request', async () => {
    const { visitor, tab } = await openLoggedIn('/')
    const older = await holdRefresh(tab)
    await visitor.post('/api/visit')
    await tab.follow('/guarded')
    await tab.shows('header', '"visits":1')
    older.release()
    await tab.settled()
    expect(await tab.text('header')).toContain('"visits":1')
    expect(tab).toMatchObject({ asked: [GET, REQUIRE_USER], complaints: [] })
  })

  it('updates a page in KeepAlive', async () => {
    const { tab } = await openLoggedIn('/kept-alive')
    await tab.page.locator('#draft').fill('kept')
    await tab.follow('/')
    await tab.press('visit')
    await tab.shows('visits', '1')
    await tab.follow('/kept-alive')
    await tab.shows('body', '"visits":1')
    expect(await tab.page.locator('#draft').inputValue()).toBe('kept')
    expect(tab.complaints).toEqual([])
  })
})

describe('clear', () => {
  it('ends the session', async () => {
    const { visitor, tab } = await openLoggedIn('/')
    await tab.press('clear')
    await tab.shows('name', 'nobody')
    expect(await visitor.context.cookies()).toEqual([])
    expect(tab).toMatchObject({ asked: [DELETE], complaints: [] })
  })

  it('is not undone by a response that arrives later', async () => {
    const { tab } = await openLoggedIn('/')
    const older = await holdRefresh(tab)
    await tab.press('clear')
    await tab.shows('name', 'nobody')
    older.release()
    await tab.settled()
    expect(await tab.text('name')).toBe('nobody')
    expect(await tab.text('header')).toBe('ready {}')
    expect(tab).toMatchObject({ asked: [GET, DELETE], complaints: [] })
  })

  it('is followed by a new session', async () => {
    const { tab } = await openLoggedIn('/')
    await tab.press('clear')
    await tab.shows('name', 'nobody')
    await tab.press('visit')
    await tab.shows('header', 'ready {"public":{"visits":1}}')
    expect(tab.complaints).toEqual([])
  })
})

/** A page of a visitor who is logged in. */
async function openLoggedIn(path: string): Promise<{ visitor: Visitor, tab: Tab }> {
  const visitor = await newVisitor()
  await visitor.login()
  return { visitor, tab: await visitor.open(path) }
}

/** Calls `refresh`. The server has responded, but the response does not reach the page yet. */
async function holdRefresh(tab: Tab): Promise<HeldAnswer> {
  const answer = await tab.holdAnswer()
  await tab.press('refresh')
  await answer.isGiven
  return answer
}
