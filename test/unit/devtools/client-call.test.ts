import { expect, it } from 'vitest'
import { isClientCall } from '../../../src/runtime/server/devtools/client-call'

it.each<[clientRoute: string | false | undefined, method: string, path: string, is: boolean]>([
  [undefined, 'DELETE', '/api/_session', true], [undefined, 'DELETE', '/base/api/_session', true], [undefined, 'POST', '/api/_session', false],
  [undefined, 'DELETE', '/api/logout', false], ['/me', 'DELETE', '/me', true], ['/me', 'DELETE', '/api/_session', false], [false, 'DELETE', '/api/_session', false],
  ['/me', 'DELETE', '/base/me', true], ['/me', 'DELETE', '/users/me', false], ['/me', 'DELETE', '/base/users/me', false],
])('with clientRoute %s, %s %s is a call of useClientSession().clear(): %s', (clientRoute, method, path, is) => {
  expect(isClientCall({ method, path }, { sessionConfig: () => ({ clientRoute }), basePath: '/base' })).toBe(is)
})
