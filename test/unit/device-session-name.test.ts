import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { thumbprintOf } from '../../src/runtime/core/device/key'
import { openName, sealName } from '../../src/runtime/core/device/session-name'
import { sealText } from '../../src/runtime/core/seal/seal'
import { createResolver, PASSWORD } from './support/app'

const NOW = Date.UTC(2031, 0, 1)
const config = createResolver()(undefined, { password: PASSWORD })
const hash = (text: string) => createHash('sha256').update(text).digest('hex')
const device = { x: 'x', y: 'y', at: NOW }
const RECORD = { createdAt: NOW, lastSeenAt: NOW, expiresAt: NOW + 1, data: { secret: 'S' }, device }
const seal = (userId: string) => sealName('handle', { ...RECORD, userId }, { env: { now: () => NOW, hash }, config })

describe('the name of a session in the URL of its renewals', () => {
  it('is its id, its user and its key, for years', async () => {
    expect(await openName(await seal('ada'), config, NOW + 400 * 86_400_000)).toEqual({ handle: 'handle', userId: 'ada', key: thumbprintOf(device, hash) })
  })

  it('leaves out a user id that would make the URL too long', async () => {
    const text = await seal('a'.repeat(257))
    expect(text.length).toBeLessThan(500)
    expect(await openName(text, config, NOW)).toMatchObject({ handle: 'handle', userId: undefined })
    expect((await seal('a'.repeat(256))).length).toBeLessThan(1000)
  })

  it('is sealed as such, for this name', async () => {
    const fields = { kind: 'device-session', name: 'h3', handle: 'handle', key: 'key' }
    const contents = [null, [], {}, { ...fields, kind: 'device-proof' }, { ...fields, name: 'other' }, { ...fields, handle: '' }, { ...fields, key: undefined }, { ...fields, userId: 1 }]
    for (const content of contents) expect(await openName(await sealText(JSON.stringify(content), '', config, NOW), config, NOW)).toBeUndefined()
    for (const text of ['', 'forged', 'a'.repeat(20_000), await sealText(JSON.stringify(fields), String(NOW), config, NOW)]) expect(await openName(text, config, NOW)).toBeUndefined()
  })
})
