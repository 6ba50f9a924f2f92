import { expect, it } from 'vitest'
import { OTHER_PASSWORD, PASSWORD_CHANGED } from '../../src/devtools/explain'
import { explainKnown, sessionOfToken } from '../src/lib/known-tokens'
import { session } from './session'

it('finds the session of an unsealed token by its handle or its seal, also one of before a restart', () => {
  const [earlier, other] = [session({ key: 'main:1', handle: 'h1', seals: ['s1', 's2'], origin: 'earlier' }), session({ key: 'main:2', handle: 'h2' })]
  const find = (token: Parameters<typeof sessionOfToken>[0], ...sessions: typeof earlier[]) => sessionOfToken(token, sessions)?.key
  expect(find({ handle: 'h1', seal: 'new' }, other, earlier)).toBe('main:1')
  expect(find({ seal: 's2' }, other, earlier)).toBe('main:1')
  expect(find({ seal: 's3' }, other, earlier)).toBeUndefined()
  expect(find({ handle: 'h3', seal: 's3' }, session({ handle: 'h3', origin: 'file' })), 'an imported session').toBeUndefined()
})

it('explains that the password was changed if the token was accepted before', () => {
  expect(explainKnown(OTHER_PASSWORD)).toBe(PASSWORD_CHANGED)
  expect(explainKnown('It is revoked.')).toBe('It is revoked.')
})
