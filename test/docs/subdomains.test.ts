import { expect, it } from 'vitest'
import { suiteServer, testPassword, testServer } from '../e2e/support/server'
import { Visitor } from './support/visitor'

const server = suiteServer('docs-subdomains', { NUXT_SESSION_PASSWORD: testPassword() })

it('sends the cookie for the domain and all below it', async () => {
  const visitor = new Visitor(server)
  const { setCookies } = await visitor.request('/api/visits', { headers: { 'x-forwarded-host': 'app.example.com' } })
  expect(setCookies).toMatchObject([{ name: '__Secure-session', attributes: { Domain: 'example.com', Path: '/', HttpOnly: true, Secure: true, SameSite: 'Lax' } }])
  expect((await visitor.request('/api/visits')).body).toBe(2)
})

it('removes it with the same domain', async () => {
  const visitor = new Visitor(server)
  await visitor.request('/api/visits')
  const { setCookies } = await visitor.post('/api/logout')
  expect(setCookies).toMatchObject([{ name: '__Secure-session', value: '', attributes: { 'Domain': 'example.com', 'Max-Age': '0' } }])
})

it('is the same session on another server with the same name and password', async () => {
  const visitor = new Visitor(server)
  await visitor.request('/api/visits')
  visitor.server = await testServer('docs-subdomains', server.env)
  expect((await visitor.request('/api/visits')).body).toBe(2)
})
