import { parse } from 'cookie-es'
import { expect, it } from 'vitest'
import { joinChunks } from '../../src/runtime/core/cookie/cookies'
import { otherVisitorsHeader } from '../../src/runtime/core/session/cached-routes/other-visitor'

const request = (headers: Record<string, string>) => ({
  requestHeader: (name: string) => headers[name],
  requestCookies: () => parse(headers.cookie ?? '') as Record<string, string>,
})

it.each([
  ['', 0], ['theme=dark', 1], ['h3=Fe26.2*token; theme=dark', 1], ['a=1;h3=x', 1],
  ['h3=__chunked__2; h3.1=Fe26.2*one; h3.2=two; theme=dark', 3], ['h3=__chunked__3; h3.1=one', 1], ['h3=; theme=dark', 1],
])('the cookies "%s" of another visitor differ only in the session\'s token', (cookie) => {
  const other = otherVisitorsHeader(request({ cookie }), 'cookie', 'h3')
  const [own, others] = [parse(cookie), parse(other)] as Record<string, string>[]
  expect(other).not.toBe(cookie)
  const differing = Object.keys(others!).filter(name => own![name] !== others![name])
  expect(differing).toHaveLength(1)
  expect(differing[0]).toMatch(/^h3/)
  expect(Object.keys(own!).filter(name => !(name in others!))).toEqual([])
})

it('of a token in chunks, how many they are and all but the last stay', () => {
  const cookie = 'h3=__chunked__2; h3.1=Fe26.2*one; h3.2=two'
  const cookies = parse(otherVisitorsHeader(request({ cookie }), 'cookie', 'h3')) as Record<string, string>
  expect([cookies.h3, cookies['h3.1'], joinChunks('h3', cookies) === 'Fe26.2*onetwo']).toEqual(['__chunked__2', 'Fe26.2*one', false])
})

it('a token has the same beginning as the own one', () => {
  const own = `Fe26.2**${'0'.repeat(64)}*${'A'.repeat(43)}`
  const other = otherVisitorsHeader(request({ 'x-h3-session': own }), 'x-h3-session', 'h3')
  expect([other.length, other.slice(0, -8), other === own]).toEqual([own.length, own.slice(0, -8), false])
})

it('if there is no token, another visitor has one', () => {
  expect(otherVisitorsHeader(request({}), 'x-h3-session', 'h3')).toMatch(/^Fe26\.2\*/)
})
