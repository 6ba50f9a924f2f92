import type { SessionContext } from '../../core/session/context'
import type { Transport } from '../../core/session/transport'
import { isLeftOut } from './left-out'

const LEFT_OUT = ' It came from another site: browsers then leave out the cookie, because of its SameSite.'

type Request = Pick<Transport, 'requestHeader' | 'requestCookies'>

/** Why the session of a denied request was not enough, beside the message of its response. `undefined` if that message is enough. */
export function whyDenied({ env, state, transport, config }: Pick<SessionContext, 'env' | 'state' | 'transport' | 'config'>, reason: string | undefined, maxAuthAge = 0): string | undefined {
  if (reason === 'SESSION_REAUTHENTICATION_REQUIRED') return whyLoginIsOld(state, maxAuthAge, env.now())
  if (state.transport === 'none') return whyNoToken(state.name, transport, config)
  const hasNoUser = !state.isNew && state.isCommitted && state.record.userId === undefined
  if (reason === 'SESSION_REQUIRED' && hasNoUser) return `The session "${state.name}" has no user, and the route requires one: regenerate({ userId }) of a login sets it.`
  return undefined
}

function whyLoginIsOld({ name, record: { authenticatedAt } }: SessionContext['state'], maxAuthAge: number, now: number): string {
  if (authenticatedAt === undefined) return `The session "${name}" has no time of a login: regenerate({ userId }) of a login sets it.`
  return `The login was ${Math.ceil((now - authenticatedAt) / 1000)} s ago, and maxAuthAge is ${maxAuthAge} s.`
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
