import crypto from 'node:crypto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { decodeBase64url } from '../../src/runtime/core/device/base64url'
import { createEs256, nodeEs256, webEs256 } from '../../src/runtime/server/crypto/es256'
import { DeviceKey } from '../support/device-key'

afterEach(() => void vi.restoreAllMocks())

/** RFC 7515, A.3. */
const EXAMPLE = {
  key: { x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' },
  signature: decodeBase64url('DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q')!,
  signed: 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
}

describe.each([['node:crypto', nodeEs256(crypto)], ['WebCrypto', webEs256(globalThis.crypto.subtle)]])('ES256 by %s', (_, verify) => {
  it('verifies the example of RFC 7515, and no other text, key or signature', async () => {
    const { key, signature, signed } = EXAMPLE
    expect(await verify(key, signature, signed)).toBe(true)
    expect(await verify(key, signature, `${signed}.`)).toBe(false)
    expect(await verify((await DeviceKey.create()).jwk, signature, signed)).toBe(false)
    for (let at = 0; at < signature.length; at += 7) expect(await verify(key, signature.with(at, signature[at]! ^ 1), signed)).toBe(false)
  })

  it('a key whose point is not on the curve verifies nothing', async () => {
    const { key: { x, y }, signature, signed } = EXAMPLE
    for (const key of [{ x, y: x }, { x: y, y }, { x: 'A'.repeat(43), y: 'A'.repeat(43) }, { x: '', y: '' }])
      expect(await verify(key, signature, signed)).toBe(false)
  })
})

describe('in a runtime', () => {
  const { key, signature, signed } = EXAMPLE
  const withCrypto = (fakes: object | undefined) => {
    vi.spyOn(process, 'getBuiltinModule').mockReturnValue(fakes && { ...crypto, ...fakes })
    return createEs256()
  }

  it('with node:crypto it needs no promise', () => {
    expect(createEs256()(key, signature, signed)).toBe(true)
  })

  it.each<[string, object | undefined]>([
    ['without node:crypto', undefined],
    ['whose node:crypto has no verify()', { verify: undefined }],
    ['whose node:crypto does not read keys as JWK', { createPublicKey: () => { throw new Error('unsupported') } }],
    ['whose node:crypto verifies nothing', { verify: () => false }],
    ['whose node:crypto verifies everything', { verify: () => true }],
  ])('%s it is WebCrypto\'s', async (_, fakes) => {
    const verify = withCrypto(fakes)
    expect(verify(key, signature, signed)).toBeInstanceOf(Promise)
    expect([await verify(key, signature, signed), await verify(key, signature, `${signed}.`)]).toEqual([true, false])
  })
})
