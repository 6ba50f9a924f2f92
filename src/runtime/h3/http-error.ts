import { createError } from 'h3'

const STATUS_MESSAGES = { 401: 'Unauthorized', 403: 'Forbidden', 405: 'Method Not Allowed' }

/** An answer to the visitor, not a failure: h3 sends it as it is, and nothing is logged. */
export function createHttpError(statusCode: keyof typeof STATUS_MESSAGES, code: string, message: string): Error {
  return createError({ statusCode, statusMessage: STATUS_MESSAGES[statusCode], message, data: { code } })
}
