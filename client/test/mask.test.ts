import { describe, expect, it } from 'vitest'
import { isHidden, isSensitiveKey, MASK, maskValue, unmaskData } from '../src/lib/mask'

describe('isSensitiveKey', () => {
  it.each(['password', 'passwd', 'accessToken', 'access_token', 'csrf-token', 'secret', 'clientSecret', 'key', 'apiKey', 'API_KEY', 'apikey', 'Authorization', 'cookie', 'cookies', 'jwt', 'refresh_tokens', 'passwordHash'])('hides %s', (key) => {
    expect(isSensitiveKey(key)).toBe(true)
  })

  it.each(['user', 'monkey', 'keyboard', 'passenger', 'author', 'compass', 'name', 'turkey', 0])('shows %s', (key) => {
    expect(isSensitiveKey(key)).toBe(false)
  })
})

describe('isHidden', () => {
  it('hides all that lies under a sensitive key', () => {
    expect(isHidden(['oauth', 'secret', 'value'], 'x')).toBe(true)
  })

  it('shows what gives nothing away', () => {
    for (const value of [null, true, '', undefined]) expect(isHidden(['password'], value)).toBe(false)
  })
})

describe('maskValue', () => {
  it('replaces hidden values and counts them', () => {
    const data = { user: { name: 'Ada', password: 'x' }, keys: [1, 2], list: [{ token: 't' }] }
    expect(maskValue(data)).toEqual({ value: { user: { name: 'Ada', password: MASK }, keys: MASK, list: [{ token: MASK }] }, hidden: 3 })
  })

  it('starts from a place under a sensitive key', () => {
    expect(maskValue('x', ['token'])).toEqual({ value: MASK, hidden: 1 })
  })
})

describe('unmaskData', () => {
  const original = { user: { name: 'Ada', password: 'x' }, token: { a: 1 } }

  it('keeps the hidden values of an edited copy', () => {
    expect(unmaskData({ user: { name: 'Grace', password: MASK }, token: MASK }, original)).toEqual({ data: { user: { name: 'Grace', password: 'x' }, token: { a: 1 } }, lost: [] })
  })

  it('takes what was written instead', () => {
    expect(unmaskData({ token: 'new' }, original).data).toEqual({ token: 'new' })
  })

  it('names masks without a value behind them', () => {
    expect(unmaskData({ user: { secret: MASK }, name: MASK }, original).lost).toEqual(['user.secret', 'name'])
  })
})
