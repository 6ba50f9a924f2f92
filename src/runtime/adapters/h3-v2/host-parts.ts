import type { SessionHost } from '../shared/host'
import { nextTransportOf, nextOuterEvent } from './transport'
import { isNextEvent } from './event'
import { HttpAnswer } from './http-answer'

/** The common part of all hosts with h3 2. */
export function nextHostParts(isPrerendering: boolean): Pick<SessionHost, 'transportOf' | 'outerEvent' | 'methodOf' | 'createHttpError' | 'isPrerendering'> {
  return {
    transportOf: event => nextTransportOf(event, isPrerendering),
    outerEvent: nextOuterEvent,
    methodOf: event => isNextEvent(event) ? event.req.method : 'GET',
    createHttpError: (status, code, message) => new HttpAnswer(status, code, message),
    isPrerendering,
  }
}
