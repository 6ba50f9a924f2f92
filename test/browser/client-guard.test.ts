import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { suiteVisitors } from './support/visitor'
import type { Tab } from './support/visitor'

const REQUIRE_USER = 'GET /api/_session?require=user'

const newVisitor = suiteVisitors(suiteServer('client', { NUXT_SESSION_PASSWORD: testPassword() }))

/** The same page by its address and by a link. */
const ways = [
  { way: 'by its address', isLoad: true, enter: (tab: Tab, path: string) => tab.goto(path) },
  { way: 'by a link', isLoad: false, enter: enterByLink },
]

describe.each(ways)('a guarded page that is entered $way', ({ isLoad, enter }) => {
  it.each(['/guarded', '/begun', '/fresh', '/spa-guarded', '/cached-guarded'])('%s redirects an anonymous visitor to the login page, and back', async (path) => {
    const tab = await (await newVisitor()).tab()
    await enter(tab, path)
    await expectLoginPage(tab, path)
    expect(tab.complaints).toEqual([])
    if (path === '/fresh') return
    await tab.press('login')
    await tab.page.locator(`main${path.replace('/', '#')}`).waitFor()
    expect(tab.page.url()).toMatch(new RegExp(`${path}$`))
    expect(tab.complaints).toEqual([])
  })

  it.each(['/guarded', '/begun', '/spa-guarded', '/cached-guarded'])('%s lets a user in', async (path) => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.tab()
    await enter(tab, path)
    await tab.page.locator(`main${path.replace('/', '#')}`).waitFor()
    await tab.settled()
    expect(new URL(tab.page.url()).pathname).toBe(path)
    const isAsked = !isLoad || path.includes('-')
    expect(tab.asked.filter(request => request.includes('require'))).toHaveLength(isAsked ? 1 : 0)
    expect(tab.complaints).toEqual([])
  })

  it('with userId: false requires only a session', async () => {
    const visitor = await newVisitor()
    await visitor.post('/api/visit')
    const tab = await visitor.tab()
    await enter(tab, '/begun')
    await tab.page.locator('#begun').waitFor()
    await enter(tab, '/guarded')
    await expectLoginPage(tab, '/guarded')
    expect(tab.complaints).toEqual([])
  })

  it('with maxAuthAge requires a recent login', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.tab()
    await enter(tab, '/fresh')
    await expectLoginPage(tab, '/fresh')
    expect(tab.complaints).toEqual([])
  })

  it('keeps the query for the way back', async () => {
    const tab = await (await newVisitor()).tab()
    await enter(tab, '/guarded?tab=2&of=a%26b')
    await expectLoginPage(tab, '/guarded?tab=2&of=a%26b')
    await tab.press('login')
    await tab.page.locator('#guarded').waitFor()
    expect(new URL(tab.page.url()).searchParams.get('of')).toBe('a&b')
    expect(tab.complaints).toEqual([])
  })

  it('redirects to the login page in the locale of the page', async () => {
    const tab = await (await newVisitor()).tab()
    await enter(tab, '/de/guarded')
    await tab.page.locator('#de-login-page').waitFor()
    const { pathname, searchParams } = new URL(tab.page.url())
    expect([pathname, searchParams.get('redirect')]).toEqual(['/de/login', '/de/guarded'])
    expect(tab.complaints).toEqual([])
  })

  it('does not guard the login page of a locale if the whole app is guarded', async () => {
    const tab = await (await newVisitor()).tab()
    await enter(tab, '/de/login')
    await tab.page.locator('#de-login-page').waitFor()
    expect(new URL(tab.page.url()).search).toBe('')
    expect(tab.complaints).toEqual([])
  })

  it('does not guard the login page if the whole app is guarded', async () => {
    const tab = await (await newVisitor()).tab()
    await enter(tab, '/login')
    await tab.page.locator('#login-page').waitFor()
    expect(new URL(tab.page.url()).search).toBe('')
    expect(tab.complaints).toEqual([])
  })
})

describe('a guarded page', () => {
  it('shows the members\' part only to members, unless its HTML is cached', async () => {
    const visitor = await newVisitor()
    for (const path of ['/guarded', '/spa-guarded']) expect(await visitor.html(path)).not.toContain('members')
    expect(await visitor.html('/cached-guarded')).toContain('members')
  })

  it('with an unknown requirement lets nobody in by a link', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const { page } = await visitor.open('/plain')
    const failure = await page.evaluate(() => window.useNuxtApp!().$router.push('/misspelled').then(() => '', (error: Error) => error.message))
    expect(failure).toContain('unknown requirement "maxAuthage"')
    await page.getByRole('heading', { name: '500' }).waitFor()
    expect(await page.content()).not.toContain('members of')
  })

  it('makes no request for a link within it', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/guarded')
    await push(tab, '/guarded#place')
    expect(tab.page.url()).toContain('#place')
    await push(tab, '/guarded?tab=2')
    await tab.settled()
    expect(tab).toMatchObject({ asked: [REQUIRE_USER], complaints: [] })
  })

  it.each([500, 'offline'] as const)('is loaded from the server, which decides, while the endpoint fails: %s', async (how) => {
    const visitor = await newVisitor()
    const tab = await visitor.open('/')
    const mend = await tab.breakEndpoint(how)
    await tab.follow('/guarded')
    await expectLoginPage(tab, '/guarded')
    await visitor.login()
    await tab.goto('/plain')
    const loads = tab.countLoads()
    await tab.follow('/guarded')
    await tab.page.locator('#guarded').waitFor()
    await mend()
    await tab.follow('/')
    await tab.follow('/guarded')
    await tab.page.locator('#guarded').waitFor()
    expect(loads()).toEqual(['/guarded'])
    expect(tab.complaints).toEqual([])
  })

  it('reports that a visitor could not be checked if its HTML is cached', async () => {
    const tab = await (await newVisitor()).tab()
    await tab.breakEndpoint('offline')
    await tab.goto('/cached-guarded')
    await expect.poll(() => tab.complaints.filter(text => text.includes('could not be checked')), { timeout: 10_000 }).toHaveLength(1)
    expect(tab.complaints.filter(text => !text.startsWith('[nuxt-h3-session]'))).toEqual([])
  })

  it('does not redirect a visitor who has left it', async () => {
    const tab = await (await newVisitor()).tab()
    const answer = await tab.holdAnswer('require')
    await tab.goto('/cached-guarded')
    await answer.isGiven
    await tab.follow('/plain')
    await tab.page.locator('#plain').waitFor()
    answer.release()
    await tab.settled()
    expect(new URL(tab.page.url()).pathname).toBe('/plain')
    expect(tab.complaints).toEqual([])
  })
})

async function enterByLink(tab: Tab, path: string): Promise<void> {
  if (tab.page.url() === 'about:blank') await tab.goto('/plain')
  await push(tab, path)
}

/** Navigates like a link. */
async function push({ page }: Tab, path: string): Promise<void> {
  await page.evaluate(path => window.useNuxtApp!().$router.push(path).then(() => undefined), path)
}

async function expectLoginPage({ page }: Tab, redirect: string): Promise<void> {
  await page.locator('#login-page').waitFor()
  const { pathname, searchParams } = new URL(page.url())
  expect(pathname).toBe('/login')
  expect(searchParams.get('redirect')).toBe(redirect)
}
