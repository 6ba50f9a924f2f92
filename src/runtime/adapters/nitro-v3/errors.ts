import { SessionError } from '../../core/model/errors'
import { HttpAnswer } from '../h3-v2/http-answer'
import type { Nitro3App } from './app'

/** Nitro 3 sends unknown errors with status 500. This sends session errors with their status 409 or 503. */
export function answerErrors({ h3: { config } }: Nitro3App): void {
  const { onError } = config
  config.onError = (error, event) => onError?.(answerOf(error), event)
}

function answerOf(error: Error & { cause?: unknown }): Error {
  const { cause } = error
  if (!(cause instanceof SessionError) || (cause.statusCode !== 409 && cause.statusCode !== 503)) return error
  return Object.assign(new HttpAnswer(cause.statusCode, cause.code, 'Server Error'), { cause })
}
