import { describe, expect, it } from 'vitest'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { Visitor } from './support/visitor'

const password = testPassword()
const server = suiteServer('docs-embedded', { NUXT_SESSION_PASSWORD: password })

/** The request of a page in the frame of another site. */
const FRAME = { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }

describe('embedded in an iframe', () => {
  it('sends a separate cookie for each site that embeds the app', async () => {
    const visitor = new Visitor(server)
    const page = await visitor.request('/', { headers: FRAME })
    expect(page.setCookies).toMatchObject([{ name: '__Host-widget' }])
    expect(page.setCookies[0]!.attributes).toEqual({ Path: '/', HttpOnly: true, Secure: true, SameSite: 'None', Partitioned: true })
    expect(page.headers.get('content-security-policy')).toBe('frame-ancestors https://shop.example')
    expect(page.text).toContain('Your vote: none')
  })

  it('accepts votes of its own page, and none of the embedding page', async () => {
    const visitor = new Visitor(server)
    await visitor.request('/', { headers: FRAME })
    expect((await visitor.post('/api/vote', { choice: 'no' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await visitor.post('/api/vote', { choice: 'yes' })).body).toEqual({ choice: 'yes' })
    expect((await visitor.request('/', { headers: FRAME })).text).toContain('Your vote: yes')
  })

  it('is rejected without Secure, because browsers would drop it', async () => {
    const insecure = await testServer('docs-embedded', { NUXT_SESSION_PASSWORD: password, NUXT_SESSION_COOKIE_SECURE: 'false' })
    expect(insecure.stderr).toContain('SESSION_CONFIG_INVALID')
    const { status, setCookies } = await new Visitor(insecure).request('/api/vote')
    expect([status, setCookies]).toEqual([500, []])
  })
})
