import { describe, expect, it } from 'vitest'
import { suiteServer } from '../e2e/support/server'
import { DEVICE_ENV, LIFETIME_MS, suiteDeviceSite } from './support/device-bound'

const NOBODY = [undefined, undefined]

describe('a thief with the cookies of a session in Chromium with keys', () => {
  const site = suiteDeviceSite(suiteServer('client', DEVICE_ENV))

  it('has nothing without the proof, in a browser and in a program', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const thief = await ada.stolen({ isWithProof: false })
    expect(await thief.users()).toEqual(NOBODY)
    await thief.visitor.page.goto('/')
    expect(await thief.visitor.page.textContent('body')).not.toContain('Ada')
    expect((await ada.ask()).body).toEqual(ada.bound)
  })

  it('has nothing from the end of a copied proof on, and the visitor goes on', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const thief = await ada.stolen({ isWithProof: true })
    expect(await thief.users()).toEqual(Array(2).fill(ada.bound.userId))
    await site.set({ clockAhead: LIFETIME_MS - 60_000 })
    expect(await thief.users()).toEqual(Array(2).fill(ada.bound.userId))
    await site.set({ clockAhead: LIFETIME_MS })
    expect(await thief.users()).toEqual(NOBODY)
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
    expect(await thief.users()).toEqual(NOBODY)
    // A proof is no longer needed to say that it is over.
    expect((await thief.visitor.ask('/api/bound-only')).status).toBe(401)
  })

  it('who copied the cookie before the registration has nothing after it', async () => {
    const registration = Promise.withResolvers<undefined>()
    site.gate = registration.promise
    const ada = await site.visitor()
    await ada.login()
    const [thief, ofAll] = [await ada.stolen({ isWithProof: false }), await ada.stolen({ isWithProof: true })]
    const ownUser = Array(2).fill(ada.bound.userId)
    expect([await thief.users(), await ofAll.users()]).toEqual([ownUser, ownUser])
    registration.resolve(undefined)
    await expect.poll(async () => (await ada.ask()).body, { timeout: 10_000 }).toEqual(ada.bound)
    expect(await thief.users()).toEqual(NOBODY)
    expect((await ofAll.visitor.ask('/api/bound-only')).status).toBe(401)
    // The proof of the login lasts a minute.
    await site.set({ clockAhead: 60_000 })
    expect(await ofAll.users()).toEqual(NOBODY)
    expect((await ada.ask()).body).toEqual(ada.bound)
  })

  it('who copies the cookies again between two proofs has nothing at the end of each', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const first = await ada.stolen({ isWithProof: true })
    await site.set({ clockAhead: LIFETIME_MS / 2 })
    await ada.loseProof()
    await ada.ask()
    const second = await ada.stolen({ isWithProof: true })
    await site.set({ clockAhead: LIFETIME_MS })
    expect([await first.users(), await second.users()]).toEqual([NOBODY, Array(2).fill(ada.bound.userId)])
    await site.set({ clockAhead: LIFETIME_MS * 1.5 })
    expect([await first.users(), await second.users()]).toEqual([NOBODY, NOBODY])
    await ada.loseProof()
    expect((await ada.ask()).body).toEqual(ada.bound)
  })

  it('does not prolong a copied proof by a new id', async () => {
    const ada = await site.visitor()
    await ada.bind()
    const { visitor } = await ada.stolen({ isWithProof: true })
    await site.set({ clockAhead: LIFETIME_MS / 2 })
    await visitor.ask('/api/regenerate', {})
    expect(await visitor.ask()).toMatchObject({ body: { userId: ada.bound.userId } })
    await site.set({ clockAhead: LIFETIME_MS })
    expect((await visitor.ask()).body.userId).toBeUndefined()
  })

  it('gets no proof from the endpoint, and does not end the session', async () => {
    const ada = await site.visitor()
    await ada.bind()
    for (const isWithProof of [false, true]) {
      const thief = await ada.stolen({ isWithProof })
      for (const step of ['register', 'refresh']) {
        const answer = await thief.send(`/api/_session/device/${step}`, 'POST')
        expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
      }
    }
    const thief = await ada.stolen({ isWithProof: false })
    for (const [path, method] of [['/api/logout', 'POST'], ['/api/_session', 'DELETE'], ['/api/regenerate', 'POST']] as const)
      expect((await thief.send(path, method)).headers.getSetCookie().join()).not.toContain('h3-device=Fe')
    expect((await ada.ask()).body).toEqual(ada.bound)
  })

  it('with a bound session of the same app does not use its proof for another one', async () => {
    const [ada, eve] = [await site.visitor(), await site.visitor()]
    await ada.bind()
    await eve.bind()
    const cookies = (await ada.context.cookies()).filter(({ name }) => name === 'h3')
    await eve.context.addCookies(cookies)
    expect((await eve.ask()).body.userId).toBeUndefined()
    await eve.loseProof()
    expect((await eve.ask()).body.userId).toBeUndefined()
    expect((await ada.ask()).body).toEqual(ada.bound)
  })
})
