import { beforeAll, describe, expect, it } from 'vitest'
import { buildApp } from '../e2e/support/build'
import type { BuiltApp } from '../e2e/support/build'
import { suiteServer, testPassword } from '../e2e/support/server'
import { proxyOf, staticHost } from './support/front'
import type { EndpointAnswer, Front } from './support/front'
import { suiteVisitors } from './support/visitor'
import type { Tab } from './support/visitor'

const FAILURES: EndpointAnswer[] = [404, 500, 'redirect', 'page', 'refuse']
const ADDRESSES = ['/members', '/members?b=2&a=1%2B+%20', '/members#place', '/members?b=2#place', '/members/', '/members/?b=2#place']
const UNCHECKED = expect.stringContaining('The requirement of this page could not be checked.')
const NO_LOGIN = '503 Your login could not be checked.'
/** Longer than a navigation waits for the endpoint. */
const PATIENCE = 15_000

let generated: BuiltApp
beforeAll(async () => {
  generated = await buildApp('static')
})
const server = suiteServer('prerendered', { NUXT_SESSION_PASSWORD: testPassword() })
const newVisitor = suiteVisitors(server, { ignoreDefaultArgs: ['--disable-back-forward-cache'] })

describe('a guarded page on a static host', () => {
  it.each(ADDRESSES)('is loaded once, and stays: %s', async (path) => {
    const front = await staticHost(generated)
    const tab = await openUnchecked(front, path)
    // Encoded as by Nuxt's router.
    expect(tab.page.url()).toBe(front.url + path.replace('%20', '+'))
    expect(front).toMatchObject({ documents: [path.split('#')[0]], asked: 1 })
  })

  it.each(FAILURES)('is loaded once and stays if the host answers in place of the endpoint: %s', async (endpoint) => {
    const front = await staticHost(generated, { endpoint })
    await openUnchecked(front, '/members?b=2#place')
    expect(front.documents).toEqual(['/members?b=2'])
  })

  it('stays if the host adds a slash to its path', async () => {
    const front = await staticHost(generated, { hasSlashes: true })
    const tab = await openUnchecked(front, '/members?b=2')
    expect(tab.page.url()).toBe(`${front.url}/members/?b=2`)
    await push(tab, '/members?b=2')
    await push(tab, '/members#place')
    expect(await tab.text('members')).toContain('members')
    expect(front.documents).toEqual(['/members/?b=2'])
  })

  it('stays if a link leads to it with another query', async () => {
    const front = await staticHost(generated)
    const tab = await openUnchecked(front, '/members')
    await tab.follow('/members?tab=2')
    await tab.shows('members', 'members 2')
    expect(front.documents).toEqual(['/members'])
  })

  it.each(FAILURES)('is not entered by a link and not loaded again: %s', async (endpoint) => {
    const front = await staticHost(generated, { endpoint })
    const tab = await (await newVisitor()).tab()
    await tab.goto(`${front.url}/`)
    await tab.follow('/members')
    await tab.shows('error', NO_LOGIN)
    expect(tab.page.url()).toBe(`${front.url}/members`)
    await tab.press('go-on')
    await tab.page.locator('#login-page').waitFor()
    expect(tab.page.url()).toBe(`${front.url}/login`)
    expect(tab.complaints).toEqual([UNCHECKED])
    expect(front.documents).toEqual(['/'])
  })

  it('is not entered by a link while the endpoint is silent', async () => {
    const front = await staticHost(generated, { endpoint: 'hang' })
    const tab = await (await newVisitor()).tab()
    await tab.page.clock.install()
    await tab.goto(`${front.url}/`)
    await tab.follow('/members')
    await expect.poll(() => front.asked, { timeout: PATIENCE }).toBe(1)
    await tab.page.clock.runFor(PATIENCE)
    await tab.shows('error', NO_LOGIN)
    expect(front).toMatchObject({ documents: ['/'], asked: 1 })
  })
})

describe('a prerendered guarded page whose server has an outage', () => {
  it.each(FAILURES)('is loaded once, and stays: %s', async (endpoint) => {
    const front = await proxyOf(server, { endpoint })
    const tab = await openUnchecked(front, '/site/members?b=2&a=1#place')
    expect(tab.page.url()).toBe(`${front.url}/site/members?b=2&a=1#place`)
    expect(front.documents).toEqual(['/site/members?b=2&a=1'])
  })

  it('is loaded once, and stays, behind a proxy that adds a slash', async () => {
    const front = await proxyOf(server, { endpoint: 500, hasSlashes: true })
    const tab = await openUnchecked(front, '/site/members')
    expect(tab.page.url()).toBe(`${front.url}/site/members/`)
    expect(front.documents).toEqual(['/site/members/'])
  })

  it('is loaded once and stays after navigation by a link', async () => {
    const front = await proxyOf(server, { endpoint: 500, hasSlashes: true })
    const tab = await (await newVisitor()).tab()
    await tab.goto(`${front.url}/site/`)
    await tab.follow('/site/members?tab=2')
    await expectStays(tab, 'members 2')
    expect(front.documents).toEqual(['/site/', '/site/members/?tab=2'])
  })

  it('is loaded once if it changes its own address at each load', async () => {
    const front = await proxyOf(server, { endpoint: 500 })
    const tab = await (await newVisitor()).tab()
    await tab.page.goto(`${front.url}/site/normalises`, { waitUntil: 'commit' })
    await expect.poll(() => front.documents, { timeout: PATIENCE }).toHaveLength(2)
    await tab.page.waitForLoadState()
    const [, at] = front.documents[1]!.split('at=')
    // The second load also navigated to another address, and stayed there.
    await tab.page.waitForURL(url => url.searchParams.has('at') && url.searchParams.get('at') !== at)
    await tab.settled()
    expect(tab.complaints.at(-1)).toEqual(UNCHECKED)
    expect(front.documents.map(path => path.split('?')[0])).toEqual(['/site/normalises', '/site/normalises'])
  })

  it('is restored unchanged from the back/forward cache', async () => {
    const front = await proxyOf(server)
    const visitor = await newVisitor()
    await visitor.context.request.post(`${front.url}/site/api/login`)
    const tab = await visitor.tab()
    await tab.goto(`${front.url}/site/members?tab=2`)
    await expect.poll(() => front.asked, { timeout: 10_000 }).toBe(1)
    await tab.goto(`${front.url}/site/login`)
    front.endpoint = 500
    await tab.page.goBack({ waitUntil: 'commit' })
    await expect.poll(() => tab.complaints, { timeout: PATIENCE }).toContainEqual(UNCHECKED)
    await tab.settled()
    expect(await tab.text('members')).toContain('members 2')
    expect(front.documents).toEqual(['/site/members?tab=2', '/site/login'])
  })
})

describe('a rendered guarded page during an outage of the endpoint', () => {
  it('is loaded from the server, which decides, and again when the visitor has logged in', async () => {
    const front = await proxyOf(server, { endpoint: 500 })
    const tab = await (await newVisitor()).tab()
    await tab.goto(`${front.url}/site/`)
    await tab.follow('/site/rendered')
    await tab.page.locator('#login-page').waitFor()
    await tab.press('login')
    await tab.page.locator('#rendered').waitFor()
    const pages = ['/site/', '/site/rendered', '/site/login?redirect=/rendered', '/site/rendered']
    expect(front.documents).toEqual(pages)
    expect(tab.complaints).toEqual([])
  })

  it('is loaded when the visitor goes back to it', async () => {
    const front = await proxyOf(server)
    const visitor = await newVisitor()
    await visitor.context.request.post(`${front.url}/site/api/login`)
    const tab = await visitor.tab()
    await tab.goto(`${front.url}/site/`)
    await tab.follow('/site/rendered')
    await tab.page.locator('#rendered').waitFor()
    await tab.follow('/site/')
    await tab.page.locator('#home').waitFor()
    front.endpoint = 500
    await tab.page.goBack()
    await tab.page.locator('#rendered').waitFor()
    expect(tab.page.url()).toBe(`${front.url}/site/rendered`)
    await tab.page.goForward()
    await tab.page.locator('#home').waitFor()
    expect(front.documents.slice(0, 2)).toEqual(['/site/', '/site/rendered'])
    expect(tab.complaints).toEqual([])
  })

  it('is loaded once if the host responds with a page that redirects to it', async () => {
    const front = await proxyOf(server, { endpoint: 500 })
    front.moved.set('/site/rendered', '/site/starts')
    const tab = await (await newVisitor()).tab()
    await tab.page.goto(`${front.url}/site/starts`, { waitUntil: 'commit' })
    await tab.shows('error', NO_LOGIN)
    expect(front.documents).toEqual(['/site/starts', '/site/rendered', '/site/starts'])
    expect(tab.complaints).toEqual([UNCHECKED])
  })

  it('is entered without a load when the endpoint answers again', async () => {
    const front = await proxyOf(server, { endpoint: 500 })
    const visitor = await newVisitor()
    await visitor.context.request.post(`${front.url}/site/api/login`)
    const tab = await visitor.tab()
    await tab.goto(`${front.url}/site/`)
    await tab.follow('/site/rendered')
    await tab.page.locator('#rendered').waitFor()
    front.endpoint = 'server'
    await tab.follow('/site/')
    await tab.page.locator('#home').waitFor()
    await tab.follow('/site/rendered')
    await tab.page.locator('#rendered').waitFor()
    expect(front.documents).toEqual(['/site/', '/site/rendered'])
  })
})

/** Opens a page whose visitor cannot be checked. */
async function openUnchecked(front: Front, path: string): Promise<Tab> {
  const tab = await (await newVisitor()).tab()
  await tab.goto(front.url + path)
  await expectStays(tab, 'members')
  return tab
}

/** Expects that the page reported the failed check, and that its router still works. */
async function expectStays(tab: Tab, text: string): Promise<void> {
  await expect.poll(() => tab.complaints, { timeout: PATIENCE }).toEqual([UNCHECKED])
  await tab.settled()
  expect(await tab.text('members')).toContain(text)
  await push(tab, `${await tab.page.evaluate(() => window.useNuxtApp!().$router.currentRoute.value.fullPath.split('#')[0])}#top`)
  expect(new URL(tab.page.url()).hash).toBe('#top')
  await tab.page.goBack()
  expect(new URL(tab.page.url()).hash).not.toBe('#top')
  expect(tab.complaints).toHaveLength(1)
}

/** Navigates like a link. */
function push({ page }: Tab, path: string): Promise<void> {
  return page.evaluate(path => window.useNuxtApp!().$router.push(path).then(() => undefined), path)
}
