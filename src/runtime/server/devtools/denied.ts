import type { SessionContext } from '../../core/session/context'
import type { Transport } from '../../core/session/transport'
import { isLeftOut } from './left-out'

const LEFT_OUT = ' It came from another site: browsers then leave out the cookie, because of its SameSite.'

type Request = Pick<Transport, 'requestHeader' | 'requestCookies'>

/** Why the session of a denied request was not enough, beside the message of its response. `undefined` if that message is enough. */
export function whyDenied({ state, transport, config }: Pick<SessionContext, 'state' | 'transport' | 'config'>, reason: string | undefined): string | undefined {
  if (state.transport === 'none') return whyNoToken(state.name, transport, config)
  const hasNoUser = !state.isNew && state.isCommitted && state.record.userId === undefined
  if (reason === 'SESSION_REQUIRED' && hasNoUser) return `The session "${state.name}" has no user, and the route requires one: regenerate({ userId }) of a login sets it.`
  return undefined
}

/** Whether the request has a cookie of this name, also an empty one. */
export function hasCookie(name: string, request: Pick<Request, 'requestCookies'>): boolean {
  return Object.hasOwn(request.requestCookies(), name)
}

function whyNoToken(name: string, request: Request, config: SessionContext['config']): string {
  if (!hasCookie(name, request)) return `The request sent no token of the session "${name}".${isLeftOut(config, request) ? LEFT_OUT : ''}`
  const names = request.requestHeader('cookie')?.split(';').map(pair => pair.split('=', 1)[0]!.trim()) ?? []
  const isRepeated = names.filter(each => each === name).length > 1
  return isRepeated
    ? `The first cookie "${name}" of the request is empty, and only the first of a name is read. Look for code that sets a cookie of this name with another Path or Domain.`
    : `The cookie "${name}" of the request is empty.`
}
