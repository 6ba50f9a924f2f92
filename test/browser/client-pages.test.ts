import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { suiteVisitors } from './support/visitor'

const ADA = 'ready {"public":{"name":"Ada"}}'

const newVisitor = suiteVisitors(suiteServer('client', { NUXT_SESSION_PASSWORD: testPassword() }))

describe('a page that is rendered for its visitor', () => {
  it.each(['/', '/public-header', '/cached-varies'])('%s shows the session before and after hydration, without a request', async (path) => {
    const visitor = await newVisitor()
    await visitor.login()
    expect(await visitor.html(path)).toContain(ADA.replaceAll('"', '&quot;'))
    const tab = await visitor.open(path)
    expect(await tab.text('header')).toBe(ADA)
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('shows an anonymous visitor\'s empty session, without a request', async () => {
    const tab = await (await newVisitor()).open('/')
    expect(await tab.text('header')).toBe('ready {}')
    expect(await tab.text('name')).toBe('nobody')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('has the session in setup', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/')
    expect(await tab.text('seen')).toBe('Ada')
  })

  it('has the session in early plugins and route middleware of the app', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/early')
    for (const place of ['plugin', 'middleware']) expect(await tab.text(place)).toBe('{"public":{"name":"Ada"}}')
    expect(await tab.text('body')).toBe(ADA)
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('sends only the clientKeys to the browser', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.tab()
    const texts: Promise<string>[] = []
    tab.page.on('response', response => texts.push(response.text()))
    await tab.goto('/')
    await tab.press('refresh')
    await tab.settled()
    const received = (await Promise.all(texts)).join('\n')
    expect(received).toContain('Ada')
    expect(received).not.toContain('SECRET')
  })

  it('is an error page', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/missing')
    expect(await tab.text('error')).toBe(ADA)
    expect(tab.asked).toEqual([])
    expect(tab.complaints.filter(text => text.includes('ydration'))).toEqual([])
  })

  it('has no session in its islands, which the browser does not hydrate', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/island')
    expect(await tab.text('island')).toBe('unknown {}')
    expect(await tab.text('body')).toBe(ADA)
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })
})

describe('a page whose parts change the session while it is rendered', () => {
  it('is hydrated as it was written, then shows what its routes changed', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/writes')
    expect(await tab.text('fetched')).toContain('"visits":2')
    for (const badge of ['header', 'after']) await tab.shows(badge, 'ready {"public":{"name":"Ada","visits":2}}')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('is hydrated as it was written, then shows what it refreshed', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/refreshes')
    await tab.shows('header', 'ready {"public":{"name":"Ada","visits":1}}')
    await tab.shows('visits', '1')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('is hydrated as it was written, then shows that it ended the session', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/clears')
    for (const badge of ['header', 'body']) await tab.shows(badge, 'ready {}')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('is rendered with the change if nothing showed the session before', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.tab()
    const response = await tab.page.goto('/ended')
    expect(await response!.text()).toMatch(/<p id="name">\s*nobody/)
    await tab.settled()
    expect(await tab.text('name')).toBe('nobody')
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })
})

describe('the data', () => {
  it('cannot be written by the page', async () => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open('/misuse')
    await tab.press('write')
    await tab.settled()
    expect(await tab.text('header')).toBe(ADA)
    expect(await tab.text('own')).toBe('Ada')
  })

  it('throws with the reason if there is no Nuxt app', async () => {
    const tab = await (await newVisitor()).open('/misuse')
    expect(await tab.text('outside')).toContain('nuxt.com/docs')
  })
})
