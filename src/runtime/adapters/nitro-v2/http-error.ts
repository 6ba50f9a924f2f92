import { createError } from 'h3'
import type { AnswerStatus } from '../shared/host'

const STATUS_MESSAGES: Record<AnswerStatus, string> = { 401: 'Unauthorized', 403: 'Forbidden', 405: 'Method Not Allowed' }

/** An error that h3 sends unchanged. */
export function createHttpError(statusCode: AnswerStatus, code: string, message: string): Error {
  return createError({ statusCode, statusMessage: STATUS_MESSAGES[statusCode], message, data: { code } })
}
