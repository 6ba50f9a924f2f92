import { Browser } from '../../e2e/support/browser'
import type { Answer } from '../../e2e/support/browser'
import type { Server } from '../../e2e/support/server'

/** The users of the documentation's apps. */
export const ADA = { email: 'ada@example.com', password: 'correct horse battery staple' }
export const GRACE = { email: 'grace@example.com', password: 'another horse, another battery' }

/** The headers that a browser sends with a request of one of the app's pages. */
export const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }

/** A visitor whose requests come from a page of the app. */
export class Visitor extends Browser {
  static async loggedIn(server: Server, path = '/api/login', body: object = {}): Promise<{ visitor: Visitor, answer: Answer }> {
    const visitor = new Visitor(server)
    return { visitor, answer: await visitor.post(path, { ...ADA, ...body }) }
  }

  post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const json = { 'content-type': 'application/json', ...SAME_ORIGIN, ...headers }
    return this.request(path, { method: 'POST', headers: json, body: JSON.stringify(body) })
  }

  delete(path: string): Promise<Answer> {
    return this.request(path, { method: 'DELETE', headers: SAME_ORIGIN })
  }
}
