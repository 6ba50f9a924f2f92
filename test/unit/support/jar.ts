/** A browser's cookies of one host, by name. */
export class CookieJar {
  readonly #cookies = new Map<string, { value: string, end: number }>()

  /** Stores the cookies of a response like a browser (RFC 6265bis, 5.7). */
  receive(lines: string[], now: number) {
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]*)=([^;]*)/.exec(line) ?? []
      const end = endOf(line, now)
      if (end <= now) this.#cookies.delete(name)
      else if (name.length + value.length <= 4096) this.#cookies.set(name, { value, end })
    }
  }

  header(now: number): string {
    const live = [...this.#cookies].filter(([, cookie]) => cookie.end > now)
    return live.map(([name, cookie]) => `${name}=${cookie.value}`).join('; ')
  }

  get names() { return [...this.#cookies.keys()] }
  get(name: string) { return this.#cookies.get(name)?.value }
  set(name: string, value: string) { this.#cookies.set(name, { value, end: Number.POSITIVE_INFINITY }) }
}

function endOf(line: string, now: number): number {
  const maxAge = /; Max-Age=(-?\d+)/.exec(line)?.[1]
  if (maxAge !== undefined) return now + Number(maxAge) * 1000
  const expires = /; Expires=([^;]+)/.exec(line)?.[1]
  return expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)
}

/** Set-Cookie lines with `<seal>` in place of the random seals. */
export function shapesOf(lines: string[]): string[] {
  return lines.map(line => line.replace(/=Fe26\.2\*[^;]*/, '=<seal>'))
}

export function valueOf(lines: string[], name: string): string | undefined {
  return lines.find(line => line.startsWith(`${name}=`))?.slice(name.length + 1).split(';', 1)[0]
}
