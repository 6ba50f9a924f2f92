import { BoundedCache } from '../runtime/core/utils/bounded-cache'
import type { ObservedMessage } from '../runtime/server/devtools/messages'
import { hasArrived, isLate } from './answers'
import type { Answer } from './answers'
import { isSentBefore } from './parallel-requests'
import type { Overwrite } from './protocol'

const LIMITS = { maxEntries: 100 }
/** Sessions of one browser. */
const MAX_STARTED = 20

/**
 * A session that a response starts in a browser without one. `hasReturned`: whether its cookie has come back. `lackedIn`: the
 * response to the first request that lacked it. `isReplaced`: that response has started another session.
 */
interface Started extends Pick<ObservedMessage, 'method' | 'path'> { key: string, answer: Answer, hasReturned?: boolean, lackedIn?: Answer, isReplaced?: boolean }

/**
 * What the cookies of a request show, by the keys of sessions. `missing`: it lacks their cookies. `found`: their cookies are
 * not missing after all. `overwritten`: a parallel response has replaced their cookies.
 */
export interface Shown { missing: readonly string[], found: readonly string[], overwritten: readonly { key: string, by: Overwrite }[] }

const NOTHING: Shown = { missing: [], found: [], overwritten: [] }

/**
 * Finds cookies that a response has set and that are not in the browser's next request, and those that a parallel response
 * with another session has replaced. A request that began after the response was sent counts as the next, however soon: one
 * that was sent before the browser stored the cookie is rare, and the cookie then comes with a later one.
 */
export class CookieReturns {
  /** By session name and browser, in the order of their requests' messages. */
  readonly #started = new BoundedCache<string, readonly Started[]>(LIMITS)
  /** The session name and browser of each started session, also later. */
  readonly #browsers = new BoundedCache<string, string>({ maxEntries: 1000 })

  /** `sent`: the key of the session that this request sent. `key`: that of the message's session. */
  see(message: ObservedMessage, answer: Answer, { sent, key }: { sent?: string, key?: string }): Shown {
    const { kind, name, client, request, startedAt, transport, lacksCookie, session, attributes } = message
    if (client === undefined || request === undefined || startedAt === undefined) return NOTHING
    const browser = `${name} ${client}`
    const started = this.#started.get(browser) ?? []
    const returned = transport === 'cookie' ? sent ?? key : undefined
    const arrived = started.filter(each => hasArrived(each.answer, startedAt))
    const isLacking = transport === 'none' && lacksCookie === true
    const missing = isLacking ? arrived.filter(each => !each.hasReturned && !each.lackedIn) : []
    let kept = started
    if (returned !== undefined) kept = started.flatMap(each => each.key === returned ? { ...each, hasReturned: true } : arrived.includes(each) ? [] : each)
    if (isLacking) kept = started.flatMap(each => missing.includes(each) ? { ...each, lackedIn: answer } : each.hasReturned ? [] : each)
    if (kind === 'clear') kept = kept.filter(each => each.answer !== answer)
    const isSent = attributes !== undefined && !isLate(message, answer)
    if (session && key !== undefined && (transport === 'none' || kind === 'create') && isSent) {
      kept = withStarted(kept, { key, answer, method: message.method, path: message.path })
      this.#browsers.set(key, browser)
    }
    this.#keep(browser, kept)
    return { missing: missing.map(each => each.key), ...returned === undefined ? { found: [], overwritten: [] } : cameBack(returned, started, arrived) }
  }

  /** A request of the panel has the cookie of a session. When it was sent is not known. */
  markReturned(key: string): Shown {
    const browser = this.#browsers.get(key) ?? ''
    const started = this.#started.get(browser) ?? []
    const shown = cameBack(key, started, started.filter(each => hasArrived(each.answer)))
    const over = new Set(shown.overwritten.map(each => each.key))
    this.#keep(browser, started.filter(each => !over.has(each.key)).map(each => each.key === key ? { ...each, hasReturned: true } : each))
    return { missing: [], ...shown }
  }

  #keep(browser: string, started: readonly Started[]): void {
    if (started.length > 0) this.#started.set(browser, started.slice(-MAX_STARTED))
    else this.#started.delete(browser)
  }
}

/** A response starts one session of a name in a browser: its last one. */
function withStarted(started: readonly Started[], next: Started): Started[] {
  const others = started.filter(each => each.answer !== next.answer)
  return [...others.map(each => each.lackedIn === next.answer ? { ...each, isReplaced: true } : each), next]
}

/** A cookie has come back: so those before it are not missing but replaced, of many parallel requests of a first visit too. */
function cameBack(key: string, started: readonly Started[], arrived: readonly Started[]): Pick<Shown, 'found' | 'overwritten'> {
  const kept = started.find(each => each.key === key)
  if (!kept) return { found: [key], overwritten: [] }
  const { method, path, answer: { startedAt, sentAt: at = Infinity } } = kept
  // A cookie that has returned was stored before a request that began later.
  const isBefore = ({ answer: { sentAt = Infinity }, hasReturned }: Started) => sentAt <= at && (hasReturned ? startedAt <= sentAt : isSentBefore(startedAt, sentAt))
  return {
    found: [key, ...started.filter(each => each.isReplaced).map(each => each.key)],
    overwritten: arrived.filter(each => each !== kept && isBefore(each)).map(each => ({ key: each.key, by: { kind: 'other session' as const, at, method, path } })),
  }
}
