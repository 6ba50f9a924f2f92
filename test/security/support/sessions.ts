import type { World } from './world'
import { OLD_PASSWORD } from '../../unit/support/app'

/** Really sealed sessions, by their JSON: short, long, with an end, of the rotated password, near the limit. */
export async function sealedSessions(world: World): Promise<Map<string, string>> {
  const now = world.env.now()
  const texts = [
    [JSON.stringify({ id: 'sealed-1', createdAt: now, data: { user: 'ada' } }), {}],
    [JSON.stringify({ id: 'sealed-2', createdAt: now, data: { user: 'bob', list: [1, 2, 3] }, name: 'h3', userId: 'bob', flash: { note: 'hi' } }), {}],
    [JSON.stringify({ id: 'sealed-3', createdAt: now, data: {} }), { expiration: String(now + 60_000) }],
    [JSON.stringify({ id: 'sealed-4', createdAt: now, data: { old: true } }), { password: OLD_PASSWORD }],
    [JSON.stringify({ id: 'sealed-5', createdAt: now, data: { text: 'x'.repeat(8000) } }), {}],
    [JSON.stringify({ id: 'sealed-6', createdAt: now, data: { text: 'y'.repeat(11_900) } }), {}],
  ] as const
  const tokens = await Promise.all(texts.map(async ([text, options]) => [await world.seal(text, options), text] as const))
  return new Map(tokens)
}

/** Seals of this app that are rejected because of their name, time or form, and one that is too long to be read. */
export async function refusedSeals(world: World): Promise<string[]> {
  const now = world.env.now()
  return Promise.all([
    world.seal(JSON.stringify({ id: 'foreign', createdAt: now, data: {}, name: 'cart' })),
    world.seal(JSON.stringify({ id: 'over', createdAt: now, data: {} }), { expiration: String(now) }),
    world.seal(JSON.stringify({ id: 'old', createdAt: now - 401 * 86_400_000, data: {} })),
    world.seal(JSON.stringify({ id: 'reference', name: 'h3' })),
    world.seal('[]'),
    world.seal(JSON.stringify({ id: 'long', createdAt: now, data: { text: 'z'.repeat(13_000) } })),
    world.seal(JSON.stringify({ id: 'stranger', createdAt: now, data: { admin: true } }), { password: 'test-only-password-of-a-stranger' }),
  ])
}
