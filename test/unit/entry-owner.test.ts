import { describe, expect, it } from 'vitest'
import { formatOwners, parseOwners } from '../../src/runtime/core/session/cached-routes/entry-owner'

const HASH = '0a'.repeat(32)

describe('the owners of an entry', () => {
  it.each([
    [[{ header: 'cookie', name: 'h3', hash: HASH, isPrivate: true }]],
    [[{ header: 'x-app-session', name: '__Host-Http-session', hash: HASH, isPrivate: false }, { header: 'cookie', name: 'cart', hash: HASH, isPrivate: true }]],
  ])('are read as they were written: %j', (owners) => {
    expect(parseOwners(formatOwners(owners))).toEqual(owners)
  })

  it.each([
    '', ' ', ', ', ` h3 ${HASH}`, `cookie  ${HASH}`, 'cookie h3', 'cookie h3 ', 'cookie h3 hash', `cookie h3 ${HASH} public`, `a:b h3 ${HASH}`,
    `cookie h3 ${HASH},`, `cookie h3 ${HASH}, `, `cookie h3 ${HASH}, cookie cart`, `cookie h3 ${HASH}\ncookie cart ${HASH}`,
  ])('%j has no owner', (text) => {
    expect(parseOwners(text)).toBeUndefined()
  })
})
