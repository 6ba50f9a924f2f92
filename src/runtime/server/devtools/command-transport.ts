import { H3Transport } from '../../adapters/h3-v1/transport'

/** Transport of a panel command: reads the panel's request headers and collects the Set-Cookie lines of the response. */
export class CommandTransport extends H3Transport {
  lines: string[] = []

  constructor(headers: Record<string, string>) {
    super({ headers: new Headers(headers), context: {} }, { isPrerendering: false, isIncremental: false })
  }

  override writeRefusal() { return undefined }
  override setCookies() { return this.lines }
  override replaceSetCookies(lines: string[]) { this.lines = lines }
  override setHeader() {}
  override markPrivate() {}
  override markUncacheable() {}
  override clearBrowserCache() {}
}
