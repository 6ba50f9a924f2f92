import { describe, expect, it } from 'vitest'
import { findTokens } from '../../../src/devtools/pasted-text'

const SEAL = 'Fe26.2*1*abc_-*def*ghi*1700000000000*jkl*mno~2'
const OTHER = 'Fe26.2**abc*def*ghi**jkl*other'

describe('findTokens', () => {
  it('takes a name that every object has as a member', () => {
    expect(findTokens(SEAL, ['constructor'])).toEqual([{ token: SEAL }])
    expect(findTokens(`constructor=${SEAL}`, ['constructor'])).toEqual([{ name: 'constructor', token: SEAL }])
  })

  it.each([
    ['a raw seal', SEAL],
    ['a raw seal with whitespace around it', `\n  ${SEAL}  \n`],
    ['a seal in quotes', `"${SEAL}",`],
    ['a header of the session\'s own', `x-h3-session: ${SEAL}`],
    ['JSON', JSON.stringify({ session: SEAL })],
  ])('finds a seal in %s', (_, text) => {
    expect(findTokens(text, ['h3'])).toEqual([{ token: SEAL }])
  })

  it.each([
    ['a Cookie header', `Cookie: theme=dark; h3=${SEAL}; other=1`],
    ['a Cookie header in lower case', `cookie:h3=${SEAL}`],
    ['the value of a Cookie header', `theme=dark; h3=${SEAL}`],
    ['a Set-Cookie header', `Set-Cookie: h3=${SEAL}; Path=/; HttpOnly; SameSite=Lax`],
    ['several headers', `GET / HTTP/1.1\nHost: localhost\nCookie: h3=${SEAL}\nAccept: */*`],
    ['curl with -H', `curl 'http://localhost:3000/' -H 'accept: */*' -H 'Cookie: h3=${SEAL}'`],
    ['curl with -b, as Chromium copies it', `curl 'http://localhost:3000/' \\\n  -H 'accept: */*' \\\n  -b 'theme=dark; h3=${SEAL}' \\\n  --insecure`],
    ['curl with --cookie', `curl --cookie "h3=${SEAL}" http://localhost:3000/`],
    ['curl for cmd, as Chromium copies it', `curl ^"http://localhost:3000/^" ^\n  -b ^"theme=dark; h3=${SEAL}^" ^\n  --insecure`],
    ['a percent-encoded cookie', `Cookie: h3=${encodeURIComponent(SEAL).replaceAll('*', '%2A')}`],
  ])('finds the name too in %s', (_, text) => {
    expect(findTokens(text, ['h3'])).toEqual([{ name: 'h3', token: SEAL }])
  })

  it('finds every session of a header, even if the app does not use its name', () => {
    expect(findTokens(`Cookie: auth=${OTHER}; theme=dark; h3=${SEAL}`, ['h3', 'cart'])).toEqual([
      { name: 'h3', token: SEAL },
      { name: 'auth', token: OTHER },
    ])
  })

  it('joins chunks', () => {
    const text = `Cookie: h3=__chunked__2; h3.2=${SEAL.slice(20)}; h3.1=${SEAL.slice(0, 20)}`
    expect(findTokens(text, ['h3'])).toEqual([{ name: 'h3', token: SEAL }])
  })

  it('joins the chunks of several Set-Cookie lines', () => {
    const text = ['h3=__chunked__2', `h3.1=${SEAL.slice(0, 20)}`, `h3.2=${SEAL.slice(20)}`].map(pair => `Set-Cookie: ${pair}; Path=/; HttpOnly`).join('\n')
    expect(findTokens(text, ['h3'])).toEqual([{ name: 'h3', token: SEAL }])
  })

  it('returns an empty token if chunks are missing', () => {
    expect(findTokens('Cookie: h3=__chunked__2; h3.1=Fe26', ['h3'])).toEqual([{ name: 'h3', token: '' }])
  })

  it('returns a text without a seal unchanged, but for whitespace around it', () => {
    expect(findTokens('  hello ', ['h3'])).toEqual([{ token: 'hello' }])
    expect(findTokens('', ['h3'])).toEqual([{ token: '' }])
  })

  it('leaves out the chunks of a seal, but not a seal whose name only looks like a chunk\'s', () => {
    const tokens = findTokens(`Cookie: h3=__chunked__1; h3.1=${SEAL}; h3.0=${OTHER}; cart.1=${OTHER}`, ['h3'])
    expect(tokens.map(({ name }) => name)).toEqual(['h3', 'h3.0', 'cart.1'])
  })

  it('is fast with thousands of seals', () => {
    const start = performance.now()
    const cookies = Array.from({ length: 6000 }, (_, index) => `session.${index}=Fe26.2**aaaaaaaa`)
    for (const head of ['', 'session=__chunked__100; ']) findTokens(`Cookie: ${head}${cookies.join('; ')}`, ['h3'])
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('is fast with a long text', () => {
    const start = performance.now()
    for (const text of ['-b '.repeat(50_000), 'cookie: '.repeat(50_000), '\n '.repeat(100_000), '; '.repeat(100_000)]) findTokens(text, ['h3'])
    expect(performance.now() - start).toBeLessThan(2000)
  })
})
