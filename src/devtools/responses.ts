import type { ServerResponse } from 'node:http'

/** No cache stores a response of the panel, and only this origin can frame or read it. */
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy':
    'default-src \'self\'; style-src \'self\' \'unsafe-inline\'; img-src \'self\' data:; frame-ancestors \'self\'; base-uri \'none\'; form-action \'none\'',
}

/** Sets the headers of every response of the panel. */
export function secure(response: ServerResponse): void {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
}

/** Sends an answer of the API. */
export function answerJson(response: ServerResponse, status: number, body: object): void {
  answer(response, status, 'application/json', JSON.stringify(body))
}

/** Sends a page in place of the panel. */
export function answerPage(response: ServerResponse, status: number, html: string): void {
  answer(response, status, 'text/html', html)
}

/** Leads the browser to another page. */
export function redirect(response: ServerResponse, location: string): void {
  if (response.closed) return
  response.setHeader('Location', location)
  answer(response, 302)
}

/** Sends a response, unless the browser has left: h3 2 then ends it itself. */
export function answer(response: ServerResponse, status: number, type?: string, body?: string): void {
  if (response.closed) return
  response.statusCode = status
  if (type !== undefined) response.setHeader('Content-Type', type)
  response.end(body)
}

/** The text of an error for the panel. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The operation failed.'
}
