/** The cookies of one connection. */
export class CookieJar {
  readonly #cookies = new Map<string, string>()

  constructor(header: string) {
    for (const pair of header.split('; ')) this.#keep(pair)
  }

  get header(): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ')
  }

  /**
   * Stores the cookies of a response.
   * @param headers names and values in turn
   * @returns whether a cookie was set
   */
  receive(headers: readonly string[]): boolean {
    let isChanged = false
    for (let index = 0; index < headers.length; index += 2) {
      if (headers[index]?.toLowerCase() !== 'set-cookie') continue
      this.#keep(headers[index + 1]?.split(';', 1)[0] ?? '')
      isChanged = true
    }
    return isChanged
  }

  #keep(pair: string): void {
    const at = pair.indexOf('=')
    if (at > 0) this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
}
