import { H3Carrier } from '../../h3/carrier'

/** A request of the panel's browser: its headers, and a response that only collects what is to be sent. */
export class CommandCarrier extends H3Carrier {
  lines: string[] = []
  responseHeaders: Record<string, string> = {}

  constructor(headers: Record<string, string>) {
    super({ headers: new Headers(headers), context: {} }, { isPrerendering: false, isIncremental: false })
  }

  override writeRefusal() { return undefined }
  override setCookies() { return this.lines }
  override replaceSetCookies(lines: string[]) { this.lines = lines }
  override setHeader(name: string, value: string | undefined) { this.responseHeaders[name] = value ?? '' }
  override markPrivate() {}
  override markUncacheable() {}
}
