export interface Expected {
  method?: string
  status: number
  /** A part of the body. */
  text?: string
  /** The beginning of the redirect's target. */
  location?: string
}

/** A visitor with a cookie jar. */
export class Visitor {
  readonly #url: string
  readonly #jar = new Map<string, string>()

  constructor(url: string) {
    this.#url = url
  }

  /** @throws with the actual response */
  async expect(path: string, { method = 'GET', status, text = '', location = '' }: Expected): Promise<void> {
    const cookie = Array.from(this.#jar, ([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(this.#url + path, { method, redirect: 'manual', headers: { cookie } })
    const body = (await response.text()).replaceAll('<!-- -->', '')
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    if (response.status === status && body.includes(text) && (response.headers.get('location') ?? '').startsWith(location)) return
    const wanted = [status, text && JSON.stringify(text), location && `location ${location}`].filter(Boolean).join(', ')
    throw new Error(`${method} ${path} must answer ${wanted}. It answers ${response.status}, location ${response.headers.get('location')}:\n${body.slice(0, 2000)}`)
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    this.#jar.set(name, value)
  }
}
