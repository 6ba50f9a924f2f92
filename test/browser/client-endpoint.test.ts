import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { suiteVisitors, Tab } from './support/visitor'

const ADA = 'ready {"public":{"name":"Ada"}}'
const ELSEWHERE = '/elsewhere/session'

const password = { NUXT_SESSION_PASSWORD: testPassword() }

describe('an endpoint whose path the environment sets', () => {
  const newVisitor = suiteVisitors(suiteServer('client', { ...password, NUXT_SESSION_CLIENT_ROUTE: ELSEWHERE }))

  it.each(['/', '/cached', '/spa'])('is requested by %s', async (path) => {
    const visitor = await newVisitor()
    await visitor.login()
    const page = await visitor.context.newPage()
    const [moved, usual] = [new Tab(page, ELSEWHERE), new Tab(page)]
    await moved.goto(path)
    await moved.shows('header', ADA)
    await moved.follow('/guarded')
    await page.locator('#guarded').waitFor()
    expect(moved.asked.at(-1)).toBe(`GET ${ELSEWHERE}?require=user`)
    expect(moved.asked.length).toBe(path === '/' ? 1 : 2)
    expect(usual).toMatchObject({ asked: [], complaints: [] })
  })
})

describe('no endpoint', () => {
  const newVisitor = suiteVisitors(suiteServer('client', { ...password, NUXT_SESSION_CLIENT_ROUTE: 'false' }))

  it('does not affect pages that are rendered for their visitor', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/writes')
    for (const badge of ['header', 'after']) await tab.shows(badge, 'ready {"public":{"name":"Ada","visits":2}}')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('leaves the session unknown in cached and prerendered pages', async () => {
    const tab = await (await newVisitor()).open('/cached')
    expect(await tab.text('header')).toBe('unknown {}')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it.each(['refresh', 'clear'])('makes %s reject', async (id) => {
    const tab = await (await newVisitor()).open('/')
    await tab.press(id)
    await expect.poll(() => tab.complaints.join(), { timeout: 10_000 }).toContain('`clientRoute` is false')
  })

  it('lets the server decide who enters a guarded page', async () => {
    const visitor = await newVisitor()
    const tab = await visitor.open('/')
    await tab.follow('/guarded')
    await tab.page.waitForURL('**/login?redirect=/guarded')
    await visitor.login()
    await tab.goto('/plain')
    const loads = tab.countLoads()
    await tab.follow('/guarded')
    await tab.page.locator('#guarded').waitFor()
    await tab.settled()
    expect(loads()).toEqual(['/guarded'])
    await tab.page.evaluate(() => window.useNuxtApp!().$router.push('/guarded#place').then(() => undefined))
    await tab.settled()
    expect(loads()).toEqual(['/guarded'])
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it.each(['/cached-guarded', '/spa-guarded'])('lets every visitor into %s, which the server does not check, without a loop', async (path) => {
    const tab = await (await newVisitor()).open('/plain')
    const loads = tab.countLoads()
    await tab.follow(path)
    await tab.page.locator(`main${path.replace('/', '#')}`).waitFor()
    await tab.settled()
    expect(loads()).toEqual([path])
    await tab.goto(path)
    await tab.settled()
    expect(loads()).toEqual([path, path])
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('keeps the previous page working when a guarded one is entered', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/')
    await tab.follow('/guarded')
    await tab.page.locator('#guarded').waitFor()
    await tab.page.goBack()
    await tab.shows('name', 'Ada')
    await tab.follow('/plain')
    await tab.page.locator('#plain').waitFor()
    expect(tab.complaints).toEqual([])
  })
})
