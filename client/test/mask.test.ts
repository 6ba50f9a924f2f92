import { describe, expect, it } from 'vitest'
import { isHidden, isSensitiveKey, MASK, maskValue, unmaskData } from '../src/lib/mask'

describe('isSensitiveKey', () => {
  it.each(['password', 'passwd', 'accessToken', 'access_token', 'csrf-token', 'secret', 'clientSecret', 'key', 'apiKey', 'API_KEY', 'apikey', 'Authorization', 'cookie', 'cookies', 'jwt', 'refresh_tokens', 'passwordHash', 'codeVerifier', 'passcode', 'cvv', 'securityAnswer', 'nonce', 'signature', 'otp', 'pin', 'oauthState', 'verification_code', 'cardNumber', 'mfaCode', '2faCode', 'Passwort', 'creditCard', 'pw', 'userPw', '2fa', 'user_2fa', 'twoFactorCode', 'oneTimeCode', 'one_time_code', 'confirmationCode', 'securityCode', 'deviceCode', 'device_code', 'userCode', 'smsCode', 'emailCode', 'inviteCodes', 'loginCode', 'pkce', 'pkceVerifier', 'seedPhrase', 'seed-phrase', 'mnemonic', 'challenge', 'webauthnChallenge', 'iban', 'salt'])('hides %s', (key) => {
    expect(isSensitiveKey(key)).toBe(true)
  })

  it.each(['user', 'monkey', 'keyboard', 'passenger', 'author', 'compass', 'name', 'turkey', 'status', 'assignment', 'announce', 'pinned', 'postcode', 'countryCode', 'mfaMethod', 'creditLimit', 'Antwort', 'pwa', 'spw', '2faMethod', 'recoveryEmail', 'twoFactor', 'zipCode', 'statusCode', 'promoCode', 'errorCode', 'userCodec', 'deviceCodecs', 'answer', 'hash', 'basalt', 'challenger'])('shows %s', (key) => {
    expect(isSensitiveKey(key)).toBe(false)
  })
})

describe('isHidden', () => {
  it('hides all values below a sensitive key', () => {
    expect(isHidden(['oauth', 'secret', 'value'], 'x')).toBe(true)
  })

  it.each([
    ['Bearer abc'], ['bearer abc'], ['Basic dTpw'], ['eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.'], ['h3=Fe26.2**abc'], ['-----BEGIN RSA PRIVATE KEY-----\nMII'],
    ['https://ada:pass@example.com/'], ['https://ada@example.com/'], ['https://example.com/?page=1&token=abc'], ['/reset?token=abc'], ['/reset?user%5Bpin%5D=123'], ['https://example.com/#access_token=abc'],
    ['mongodb://ada:pass@one:27017,two:27017/db'], ['redis://:pass@one:6379,two:6379'],
    ['Failed to connect to mongodb://ada:pass@one:27017,two:27017/db.'], ['Open https://example.com/reset?token=abc to go on.'], ['Moved: "https://ada:pass@example.com/"'], ['See (/reset?token=abc), please'],
    ['The token eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln was refused.'], ['curl -H "Authorization: Bearer 0123456789abcdef"'], ['postgres://ada:pa/ss?w#rd@example.com/db'],
    ['Server=h;User Id=sa;Password=pa ss;'], ['AccountKey=YWJj;EndpointSuffix=core.windows.net'], ['run with DB_PASS=\'x\', please'], ['mysql --password=x'], ['/cart;jsessionid=1A2B'],
    ['{"password":"x"}'], ['The body was { "user": { "pin" : 1234 } }'], [String.raw`"{\"password\":\"x\"}"`], ['{\'tokens\': [\'x\']}'],
    ['Cookie: sid=abc'], ['set-cookie: theme=dark; sid=abc; HttpOnly'], ['The server got "Cookie: sid=abc".'], ['Authorization: Basic dTpw'], ['authorization: 0a1b2c3d'], ['curl -H "Authorization: Token x"'],
    ['https://example.com/callback?code=4/0AX4XfWh&state=1'], ['/callback?state=1&code=a1b2c3d4'],
    ...['ghp_', 'gho_', 'ghs_', 'github_pat_', 'glpat-', 'sk_live_', 'sk_test_', 'rk_live_', 'xoxb-', 'xoxp-', 'npm_', 'AIza'].map(prefix => [`The key ${prefix}${'a1B2c3D4'.repeat(5)} was refused`]), ['AKIAIOSFODNN7EXAMPLE'],
    ...['sk-ant-api03-', 'sk-proj-', 'sk-svcacct-', 'sk-', 'SG.a1B2c3D4e5F6g7H8i9J0kL.'].map(prefix => [`The key ${prefix}${'a1B2c3D4'.repeat(6)} was refused`]),
    ['login?2fa=123456'], ['user=ada;pw=x'],
    ['eyJhbGciOiJkaXIifQ..aXY.Y2lwaGVy.dGFn'], ['eyJhbGciOiJSU0EtT0FFUCJ9.a2V5.aXY.Y2lwaGVy.dGFn'],
  ])('hides %s under any name', (value) => {
    expect(isHidden(['note'], value)).toBe(true)
    expect(maskValue({ note: [value, 'open'] })).toEqual({ value: { note: [MASK, 'open'] }, hidden: 1 })
  })

  it.each(['Bearer', 'Basically fine', 'https://example.com/?page=1', '/cart?page=2#top', 'http://', '//', 'a token', 'Ada <ada@example.com>', 'https://one:x/', 'See https://example.com/?page=1, or ask ada@example.com', 'https://example.com/@ada', 'eyJ.', 'file.eyJ.txt', 'The basic functionality', 'http://localhost:3000/@vite/client', 'https://[::1]:3000/@ada', 'a//b@c', 'and/or ? token = 1',
    'x == token', 'if (key==1)', 'token=>1', 'password=', 'Password=;Encrypt=True', 'password=""', 'hasToken=true', 'token=null&page=1', 'Server=h;User Id=sa;Encrypt=True', 'author=Ada; keyboard=de', '/token/list?page=1', 'https://example.com/password/reset;lang=de', 'Passwords = strong',
    '<input type="password" autocomplete="current-password">', 'Password: at least 8 characters', 'The "token": what it is', '{"name":"Ada","hasPassword":true,"token":null,"keys":[]}', '{"theme":"dark","count":1}', '{"key"}',
    'Cookie: we use none', 'Cookies: accepted=all of them', 'Authorization: required', 'Authorization: see chapter 12', '/?code=DE', '/?code=summer-sale', '/?code=B2', 'zip code=12345678', '?barcode=12345678',
    'ghp_', 'ghp_short', 'github_pattern_of_the_application', 'npm_config_registry', 'npm_package_dependencies_nuxt_h3_session', 'task_live_0123456789abcdef', 'sk_live_', 'AKIA', 'AKIAIOSFODNN7EXAMPLEX', 'the xoxb- prefix', 'AIzawa', 'sk-ant-', 'sk-proj-short', 'sk-proj-a-project-with-a-long-name', 'task-proj-a1b2c3d4e5f6a1b2c3d4', 'sk-SK', 'SG.de', 'SG.1.2', 'SG.a-long-name-of-a-namespace.another-long-name-of-it', 'pw'])('shows %s', (value) => {
    expect(isHidden(['note'], value)).toBe(false)
  })

  it('searches a long text once', () => {
    for (const part of ['authorization:', 'cookie:', '?code=', '&code=', 'token', '"token', '"a":', 'a=', 'a=(', '\\"', 'ghp_', 'sk-ant-', 'sk-', 'SG.', 'SG.a', 'eyJ', '://', '://a:', '://a:1']) {
      expect(isHidden(['note'], part.repeat(100_000 / part.length)), part).toBe(false)
    }
  })

  it('hides a long text under "state", as in OAuth, but no state of a page or an address', () => {
    expect(isHidden(['state'], 'xK2v9QmT4pLr8ZwN')).toBe(true)
    for (const value of ['open', 'CA', 'Mecklenburg-West Pomerania', 'in review by an editor', { step: 'payment-of-the-order' }]) expect(isHidden(['state'], value)).toBe(false)
  })

  it('hides codes under "recovery", but no address, date or word', () => {
    expect(maskValue({ recovery: ['abcd-1234', '12345678', 'abc123', 123456, 100_000] })).toEqual({ value: { recovery: [MASK, MASK, MASK, MASK, MASK] }, hidden: 5 })
    for (const name of ['Recovery', 'mfaRecovery', 'mfa_recovery']) for (const value of ['1234-56-7890', 'abc12 def34']) expect(isHidden([name, 0], value), name).toBe(true)
    for (const path of [['recovery', 'codes', 0], ['recovery', 'code'], ['recovery', 0, 'code'], ['mfa', 'code']]) expect(isHidden(path, 'abcdefgh'), path.join('.')).toBe(true)
    for (const value of ['ada@example.com', 'started', 'email', '2026-11-30', '2026-11-30T10:00:00Z', 'step1', 3, 99_999, 1_764_500_000_000]) expect(isHidden(['recovery'], value)).toBe(false)
    expect(isHidden(['recovery', 'startedBy'], 'admin-1234')).toBe(false)
    for (const path of [['compass', 'words'], ['access', 'keyboard'], ['user', 'code']]) expect(isHidden(path, 'DE'), path.join('.')).toBe(false)
  })

  it.each(['twoFactor', 'two_factor', 'two-factor', 'userTwoFactor', '2fa'])('hides codes under %s, but no flag', (name) => {
    for (const path of [[name], [name, 0]]) for (const value of ['123456', 123456, 'abcd-1234']) expect(isHidden(path, value), path.join('.')).toBe(true)
    expect(isHidden([name], true)).toBe(false)
  })

  it('shows the method and the time of a second factor', () => {
    for (const value of ['sms', 'enabled', '2026-11-30', 1_764_500_000_000]) expect(isHidden(['twoFactor'], value)).toBe(false)
  })

  it('shows values that reveal no secret', () => {
    for (const value of [null, true, '', undefined]) expect(isHidden(['password'], value)).toBe(false)
  })
})

describe('maskValue', () => {
  it('replaces hidden values and counts them', () => {
    const data = { user: { name: 'Ada', password: 'x' }, keys: [1, 2], list: [{ token: 't' }] }
    expect(maskValue(data)).toEqual({ value: { user: { name: 'Ada', password: MASK }, keys: MASK, list: [{ token: MASK }] }, hidden: 3 })
  })

  it('hides a value whose given path has a sensitive key', () => {
    expect(maskValue('x', ['token'])).toEqual({ value: MASK, hidden: 1 })
  })
})

describe('unmaskData', () => {
  const original = { user: { name: 'Ada', password: 'x' }, token: { a: 1 } }

  it('keeps the hidden values of an edited copy', () => {
    expect(unmaskData({ user: { name: 'Grace', password: MASK }, token: MASK }, original)).toEqual({ data: { user: { name: 'Grace', password: 'x' }, token: { a: 1 } }, unresolved: [] })
  })

  it('accepts a new value in place of a hidden one', () => {
    expect(unmaskData({ token: 'new' }, original).data).toEqual({ token: 'new' })
  })

  it('returns the paths of masks without a hidden value', () => {
    expect(unmaskData({ user: { secret: MASK }, name: MASK }, original).unresolved).toEqual(['user.secret', 'name'])
    const deep = JSON.parse(`${'{"d":'.repeat(400)}"${MASK}"${'}'.repeat(400)}`)
    expect(unmaskData(deep, original).unresolved[0]).toMatch(/^(d\.){30}…(\.d){15}$/)
  })
})
