import { createError } from 'h3'

/** An answer to the visitor, not a failure: h3 sends it as it is, and nothing is logged. */
export function createHttpError(statusCode: 401 | 403, code: string, message: string): Error {
  return createError({
    statusCode,
    statusMessage: statusCode === 401 ? 'Unauthorized' : 'Forbidden',
    message,
    data: { code },
  })
}
