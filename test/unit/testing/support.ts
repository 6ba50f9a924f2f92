import { createSessionCookie, readSessionCookie } from '../../../src/testing'
import type { CookieSource, CreateSessionCookieOptions, ReadSessionCookieOptions, SessionCookie } from '../../../src/testing'
import { PASSWORD } from '../support/app'
import type { TestApp } from '../support/app'

/** A cookie for a test app, by the app's clock. */
export function cookieFor(app: TestApp, data: object = {}, options: Partial<CreateSessionCookieOptions> = {}): Promise<SessionCookie> {
  return createSessionCookie(data, { password: PASSWORD, now: app.env.now, ...options })
}

/** Reads the app's session from a source, by the app's clock. */
export function readFor(app: TestApp, source: CookieSource, options: Partial<ReadSessionCookieOptions> = {}) {
  return readSessionCookie(source, { password: PASSWORD, now: app.env.now, ...options })
}

/** The session that the app has for a request with this cookie. */
export async function visitWith(app: TestApp, cookie: SessionCookie, headers?: Record<string, string>) {
  const { result } = await app.browser().visit(async ({ use }) => {
    const { id, data, userId, authenticatedAt, createdAt, expiresAt, isNew } = await use()
    return { id, data: { ...data }, userId, authenticatedAt, createdAt, expiresAt, isNew }
  }, { cookie: cookie.header, ...headers && { headers } })
  return result
}
