import { H3Carrier } from '../../h3/carrier'

/** A request of the panel's browser: its headers, and a response that only collects what is to be sent. */
export class CommandCarrier extends H3Carrier {
  lines: string[] = []
  responseHeaders: Record<string, string> = {}

  constructor(headers: Record<string, string>) {
    super({ headers: new Headers(headers), context: {} }, { isPrerendering: false, isIncremental: false })
  }

  override readonly writeRefusal = () => undefined
  override readonly setCookies = () => this.lines
  override readonly replaceSetCookies = (lines: string[]) => { this.lines = lines }
  override readonly setHeader = (name: string, value: string) => { this.responseHeaders[name] = value }
  override readonly markPrivate = () => undefined
  override readonly markUncacheable = () => undefined
}
