import type { SessionHost } from '../shared/host'
import { nextCarrierOf, nextOuterEvent } from './transport'
import { isNextEvent } from './event'
import { HttpAnswer } from './http-answer'

/** What every host says that is built on h3 2. */
export function nextHostParts(isPrerendering: boolean): Pick<SessionHost, 'carrierOf' | 'outerEvent' | 'methodOf' | 'createHttpError' | 'isPrerendering'> {
  return {
    carrierOf: event => nextCarrierOf(event, isPrerendering),
    outerEvent: nextOuterEvent,
    methodOf: event => isNextEvent(event) ? event.req.method : 'GET',
    createHttpError: (status, code, message) => new HttpAnswer(status, code, message),
    isPrerendering,
  }
}
