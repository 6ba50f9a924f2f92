import { expect } from 'vitest'
import { Browser } from './browser'
import type { Answer } from './browser'
import { payload, sealPayload } from './seals'
import type { Payload } from './seals'
import type { Server } from './server'

/** Data of a member's session outside of its `clientKeys`. No response may contain it. */
const HIDDEN = { id: 'ID-of-the-session', userId: 'USER-of-the-session', secret: 'SECRET-of-the-session', flash: 'FLASH-of-the-session' }

/** Requests a page. Errors have an HTML response too. */
export const AS_PAGE = { accept: 'text/html' }

/** The session of a logged-in user, with `data` beside the hidden data. */
export function memberPayload(data: Record<string, unknown> = { public: { name: 'Ada' } }, given: Record<string, unknown> = {}): Payload {
  const { id, userId, secret, flash } = HIDDEN
  const createdAt = Date.now() - 60_000
  return payload({ id, name: 'h3', userId, createdAt, authenticatedAt: createdAt, flash: { note: flash }, data: { secret, ...data }, ...given })
}

/** The browser of a logged-in user. */
export async function member(server: Server, data?: Record<string, unknown>, given?: Record<string, unknown>): Promise<Browser> {
  const browser = new Browser(server)
  browser.jar.set('h3', await sealPayload(memberPayload(data, given), server.env.NUXT_SESSION_PASSWORD!))
  return browser
}

/** Expects that the response contains neither hidden session data nor a seal, except in its own cookie and header. */
export function expectNothingHidden({ headers, text }: Answer, browser?: Browser): void {
  const told = [...headers].filter(([name]) => name !== 'set-cookie' && name !== 'x-h3-session').flat().join('\n') + text
  for (const hidden of Object.values(HIDDEN)) expect(told).not.toContain(hidden)
  expect(told).not.toContain('Fe26')
  for (const value of browser?.jar.values() ?? []) expect(told).not.toContain(value)
}

/** The text of an element without children, by its id. */
export function textOf({ text }: Pick<Answer, 'text'>, id: string): string | undefined {
  const content = new RegExp(`id="${id}"[^>]*>([^<]*)<`).exec(text)?.[1]
  return content?.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#39;', '\'').replaceAll('&amp;', '&').trim()
}

/** The payload of a page. */
export function payloadOf({ text }: Pick<Answer, 'text'>): string {
  return /<script[^>]*id="__NUXT_DATA__"[^>]*>(.*?)<\/script>/s.exec(text)?.[1] ?? ''
}
