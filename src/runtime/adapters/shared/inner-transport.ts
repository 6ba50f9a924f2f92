import type { EventTransport } from './host'

/**
 * The transport of an inner request, made by `event.$fetch`, or by `useFetch` while a page is rendered. It uses the
 * session of the outer request, and the outer response sends the changes: the inner response's cookies would be lost.
 */
export class InnerTransport implements EventTransport {
  constructor(private readonly own: EventTransport, private readonly outer: EventTransport) {}

  get caller() { return this.own.caller }
  get event() { return this.own.event }
  requestHeader(name: string) { return this.own.requestHeader(name) }
  requestCookies() { return this.own.requestCookies() }
  caches() { return this.own.caches() }

  get answered() { return this.outer.answered }
  get sessions() { return this.outer.sessions }
  get states() { return this.outer.states }
  isSecure() { return this.outer.isSecure() }
  address(source: 'socket' | 'forwarded') { return this.outer.address(source) }
  writeRefusal() { return this.outer.writeRefusal() }
  setCookies() { return this.outer.setCookies() }
  replaceSetCookies(lines: string[]) { this.outer.replaceSetCookies(lines) }
  setHeader(name: string, value: string | undefined) { this.outer.setHeader(name, value) }
  markPrivate(vary: readonly string[]) { this.outer.markPrivate(vary) }
  markUncacheable() { this.outer.markUncacheable() }
  clearBrowserCache() { this.outer.clearBrowserCache() }
}
