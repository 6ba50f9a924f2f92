import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { suiteVisitors } from './support/visitor'

const GET = 'GET /api/_session'
const ADA = 'ready {"public":{"name":"Ada"}}'

const newVisitor = suiteVisitors(suiteServer('client', { NUXT_SESSION_PASSWORD: testPassword() }))

describe('a cached or prerendered page, or one without server rendering', () => {
  it.each(['/cached', '/isr', '/prerendered', '/prerendered?of=another', '/spa'])('%s has no session in its HTML, requests it once and shows it', async (path) => {
    const visitor = await newVisitor()
    await visitor.login()
    const html = await visitor.html(path)
    expect(html).toContain('id="__nuxt"')
    expect(html).not.toMatch(/Ada|SECRET|clientSession:\{data/)
    const tab = await visitor.open(path)
    for (const badge of ['header', 'body']) await tab.shows(badge, ADA)
    await tab.settled()
    expect(tab).toMatchObject({ asked: [GET], complaints: [] })
  })

  it('is requested once for several pages', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/cached')
    await tab.shows('body', ADA)
    for (const path of ['/prerendered', '/spa', '/']) {
      await tab.follow(path)
      await tab.page.waitForURL(`**${path}`)
      await tab.settled()
      expect(await tab.text('header')).toBe(ADA)
    }
    expect(tab).toMatchObject({ asked: [GET], complaints: [] })
  })

  it('shows an anonymous visitor that there is no session', async () => {
    const tab = await (await newVisitor()).open('/cached')
    await tab.shows('header', 'ready {}')
    expect(await tab.page.context().cookies()).toEqual([])
    expect(tab).toMatchObject({ asked: [GET], complaints: [] })
  })
})

describe('a page that shows no session', () => {
  it('requests none', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/plain')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
    expect(await tab.page.content()).not.toContain('Ada')
  })

  it('links to a page that shows it and requests it once', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/plain')
    await tab.follow('/')
    await tab.shows('name', 'Ada')
    await tab.shows('header', ADA)
    await tab.settled()
    expect(tab).toMatchObject({ asked: [GET], complaints: [] })
  })

  it('has the session of a guard up to date when another page shows it', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/plain')
    await tab.follow('/begun')
    await tab.page.locator('#begun').waitFor()
    const other = await visitor.open('/')
    await other.press('clear')
    await other.shows('name', 'nobody')
    await tab.follow('/')
    await tab.shows('name', 'nobody')
    expect(tab.complaints).toEqual([])
  })
})

describe('an endpoint without a response', () => {
  it.each(['offline', 500] as const)('leaves the session unknown and reports it once: %s', async (how) => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.tab()
    const mend = await tab.breakEndpoint(how)
    await tab.goto('/cached')
    await expect.poll(() => tab.complaints, { timeout: 10_000 }).toHaveLength(1)
    expect(tab.complaints[0]).toContain('The session could not be loaded.')
    for (const badge of ['header', 'body']) expect(await tab.text(badge)).toBe('unknown {}')
    await mend()

    const asked = tab.asked.length
    await tab.follow('/')
    await tab.shows('name', 'Ada')
    await tab.shows('header', ADA)
    await tab.settled()
    expect(tab.asked.slice(asked)).toEqual([GET])
    expect(tab.complaints).toHaveLength(1)
  })

  it('is requested again by refresh, which rejects if that fails', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.tab()
    const mend = await tab.breakEndpoint(500)
    await tab.goto('/cached')
    await expect.poll(() => tab.complaints, { timeout: 10_000 }).toHaveLength(1)
    await tab.press('refresh')
    await expect.poll(() => tab.complaints.slice(1).join(), { timeout: 10_000 }).toContain('500')
    await mend()
    await tab.press('refresh')
    for (const badge of ['header', 'body']) await tab.shows(badge, ADA)
  })

  it('does not bring back the data of an earlier page after a signal of another tab', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/writes')
    await tab.shows('header', '"visits":2')
    const other = await visitor.open('/')
    await other.press('visit')
    await tab.shows('header', '"visits":3')
    const mend = await tab.breakEndpoint('offline')
    await other.press('visit')
    await expect.poll(() => tab.complaints, { timeout: 10_000 }).toHaveLength(1)
    await mend()
    await tab.follow('/')
    await tab.shows('visits', '4')
    expect(await tab.text('header')).toContain('"visits":4')
  })
})
