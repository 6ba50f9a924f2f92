import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword } from '../e2e/support/server'
import { suiteVisitors } from './support/visitor'

const ADA = 'ready {"public":{"name":"Ada"}}'

const newVisitor = suiteVisitors(suiteServer('client-streamed', { NUXT_SESSION_PASSWORD: testPassword() }))

describe('a streamed page', () => {
  it.each([['/', 'header'], ['/late', 'late']])('%s is hydrated as it was written, without a request', async (path, badge) => {
    const visitor = await newVisitor()
    await visitor.login()
    const tab = await visitor.open(path)
    expect([await tab.text(badge), await tab.text('name')]).toEqual([ADA, 'Ada'])
    await tab.settled()
    expect(tab).toMatchObject({ asked: [], complaints: [] })
  })

  it('follows later changes', async () => {
    const visitor = await newVisitor()
    const tab = await visitor.open('/late')
    expect(await tab.text('late')).toBe('ready {}')
    const other = await visitor.open('/')
    await other.press('login')
    await tab.shows('late', ADA)
    expect(tab.complaints).toEqual([])
  })

  it('lets users in and redirects others to the login page', async () => {
    const visitor = await newVisitor()
    const tab = await visitor.open('/guarded')
    await tab.press('login')
    await tab.page.locator('#guarded').waitFor()
    await tab.goto('/guarded')
    expect(await tab.text('guarded')).toBe('members')
    expect(tab.complaints).toEqual([])
  })
})
