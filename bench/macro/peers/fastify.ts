import { createHash } from 'node:crypto'
import secureSession from '@fastify/secure-session'
import Fastify from 'fastify'
import type { FastifyRequest } from 'fastify'
import { TEST_PASSWORD } from '../../passwords.ts'
import { sessionRecord } from '../../session-data.ts'
import { HOST, PORT } from './listen.ts'

interface Counter {
  get: (key: string) => unknown
  set: (key: string, value: unknown) => void
}

// The plugin types the keys by a global interface, which the whole project would share.
const sessionOf = (request: FastifyRequest) => request.session as unknown as Counter

const app = Fastify()
app.get('/plain', async () => ({ n: 1 }))
await app.register(async (scope) => {
  // A raw key, the plugin's fastest option.
  await scope.register(secureSession, { key: createHash('sha256').update(TEST_PASSWORD).digest(), cookie: { path: '/' } })
  scope.get('/start', async (request) => {
    const { bytes } = request.query as { bytes?: string }
    const { data } = sessionRecord(Number(bytes), Date.now())
    for (const [key, value] of Object.entries(data)) sessionOf(request).set(key, value)
    return { n: data.n }
  })
  scope.get('/read', async request => ({ n: sessionOf(request).get('n') ?? 0 }))
  scope.get('/write', async (request) => {
    const n = Number(sessionOf(request).get('n') ?? 0) + 1
    sessionOf(request).set('n', n)
    return { n }
  })
})
await app.listen({ port: PORT, host: HOST })
