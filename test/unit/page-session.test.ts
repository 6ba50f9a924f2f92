import { H3 } from 'h3-next'
import { describe, expect, it } from 'vitest'
import { sessions } from '../../src/runtime/h3-app'
import { useEnvironment } from '../../src/runtime/server/environment'
import { openPageSession } from '../../src/runtime/server/page-session'

const PASSWORD = 'test-only-password-of-a-page-session'

/** The activities that a page reports, if it is requested without a token. */
async function activitiesOf(isObserved: boolean): Promise<string[]> {
  const kinds: string[] = []
  const app = new H3({ silent: true }).register(sessions({ password: PASSWORD }))
  const env = useEnvironment()
  if (isObserved) env.observe = ({ kind }) => void kinds.push(kind)
  app.get('/', async (event) => {
    const { kind, read } = await openPageSession(event as never, false, undefined)
    return { kind, data: read(), isOpened: Object.keys(env.host.transportOf(event as never).states).length > 0 }
  })
  expect(await (await app.request('/')).json()).toEqual({ kind: 'rendered', data: {}, isOpened: isObserved })
  return kinds
}

describe('a page that is requested without a token', () => {
  it('opens no session', async () => {
    expect(await activitiesOf(false)).toEqual([])
  })

  it('is reported to DevTools, which look for a cookie that did not come back', async () => {
    expect(await activitiesOf(true)).toEqual(['absent'])
  })
})
