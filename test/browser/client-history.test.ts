import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { suiteVisitors } from './support/visitor'
import type { Tab, Visitor } from './support/visitor'

const password = { NUXT_SESSION_PASSWORD: testPassword() }
const server = suiteServer('client', password)
const storing = suiteServer('client', { ...password, NUXT_SESSION_STORAGE: 'memory' })
// Playwright switches the back/forward cache off.
const kinds = [
  { kind: 'the back/forward cache', isPersisted: true, newVisitor: suiteVisitors(server, { ignoreDefaultArgs: ['--disable-back-forward-cache'] }) },
  { kind: 'the HTTP cache', isPersisted: false, newVisitor: suiteVisitors(server) },
]

describe.each(kinds)('a page that is restored from $kind', ({ isPersisted, newVisitor }) => {
  it('shows that another tab has logged out', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await openRecorded(visitor, '/')
    expect(await tab.text('name')).toBe('Ada')
    await tab.goto('/plain')
    await logOutElsewhere(visitor)
    await goBack(tab)
    expect(await wasPersisted(tab)).toBe(isPersisted)
    await tab.shows('name', 'nobody')
    await tab.shows('header', 'ready {}')
    expect(tab.complaints).toEqual([])
  })

  it('shows that the next page has logged out', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await openRecorded(visitor, '/')
    await tab.goto('/writes')
    await tab.page.evaluate(() => fetch('/api/logout', { method: 'POST' }))
    await goBack(tab)
    await tab.shows('name', 'nobody')
    expect(tab.complaints).toEqual([])
  })

  // The cookie stays the same, so `Vary: Cookie` has no effect.
  it('shows a change of a stored session', async () => {
    const visitor = await newVisitor(storing)
    await visitor.login()
    const tab = await openRecorded(visitor, '/')
    await tab.goto('/plain')
    await visitor.post('/api/visit')
    await goBack(tab)
    expect(await wasPersisted(tab)).toBe(isPersisted)
    await tab.shows('visits', '1')
    expect(tab.complaints).toEqual([])
  })

  it('redirects to the login page if another browser ended the stored session', async () => {
    const [visitor, other] = [await newVisitor(storing), await newVisitor(storing)]
    for (const one of [visitor, other]) await one.login('Grace')
    const tab = await openRecorded(visitor, '/guarded')
    await tab.page.locator('#guarded').waitFor()
    await tab.goto('/plain')
    await other.post('/api/logout-everywhere')
    await goBack(tab)
    expect(await wasPersisted(tab)).toBe(isPersisted)
    await tab.page.locator('#login-page').waitFor()
    await tab.shows('header', 'ready {}')
    expect(tab.complaints).toEqual([])
  })

  it('gets messages of other tabs again', async () => {
    const visitor = await newVisitor()
    const tab = await openRecorded(visitor, '/')
    await tab.goto('/plain')
    await goBack(tab)
    await tab.settled()
    const other = await visitor.open('/')
    await other.press('login')
    await tab.shows('name', 'Ada')
    await tab.press('clear')
    await other.shows('name', 'nobody')
    expect(tab.complaints).toEqual([])
  })

  it('redirects to the login page if it needs a login', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await openRecorded(visitor, '/guarded')
    await tab.page.locator('#guarded').waitFor()
    await tab.goto('/plain')
    await logOutElsewhere(visitor)
    await goBack(tab)
    await tab.page.locator('#login-page').waitFor()
    expect(new URL(tab.page.url()).searchParams.get('redirect')).toBe('/guarded')
    expect(tab.complaints).toEqual([])
  })
})

async function openRecorded(visitor: Visitor, path: string): Promise<Tab> {
  const tab = await visitor.tab()
  await tab.page.addInitScript(() => {
    window.addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }))
  })
  await tab.goto(path)
  return tab
}

function wasPersisted({ page }: Tab): Promise<boolean> {
  return page.evaluate(() => (window as unknown as { persisted: boolean }).persisted)
}

async function logOutElsewhere(visitor: Visitor): Promise<void> {
  const other = await visitor.open('/')
  await other.press('clear')
  await other.shows('name', 'nobody')
  await other.page.close()
}

/** Without waiting for a load event: a restored page has none. */
async function goBack({ page }: Tab): Promise<void> {
  await page.goBack({ waitUntil: 'commit' })
  await page.waitForFunction(() => (window as unknown as { persisted?: boolean }).persisted !== undefined)
}
