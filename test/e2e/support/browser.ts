import type { Server } from './server'

/** A parsed Set-Cookie line. */
export interface SetCookie {
  name: string
  value: string
  /** Unchanged values; `true` for attributes without one. */
  attributes: Record<string, string | true>
}

export interface Answer {
  status: number
  headers: Headers
  setCookies: SetCookie[]
  text: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the body of a response, compared by the tests
  body: any
}

export interface Operation { op: string, args?: unknown[] }

/** The body of a response of `/api/ops`. */
export interface OpsAnswer extends Answer {
  body: {
    id?: string
    data: Record<string, unknown>
    handle?: string
    createdAt?: number
    expiresAt?: number
    isNew: boolean
    userId?: string
    authenticatedAt?: number
    results: unknown[]
    error?: { code?: string, message: string, statusCode?: number, name: string }
  }
}

/** A visitor with a cookie jar. It sends Secure cookies over HTTP too, because production has a proxy for TLS. */
export class Browser {
  readonly jar = new Map<string, string>()

  constructor(public server: Pick<Server, 'url'> & Partial<Pick<Server, 'secrets'>>) {}

  get cookieHeader(): string {
    return Array.from(this.jar, ([name, value]) => `${name}=${value}`).join('; ')
  }

  async request(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Answer> {
    const headers = { ...this.jar.size > 0 && { cookie: this.cookieHeader }, ...init.headers }
    const response = await fetch(this.server.url + path, { redirect: 'manual', ...init, headers })
    const text = await response.text()
    const setCookies = response.headers.getSetCookie().map(parseSetCookie)
    for (const cookie of setCookies) this.#keep(cookie)
    return { status: response.status, headers: response.headers, setCookies, text, body: parseBody(text) }
  }

  /** Runs operations of the manager in one request. */
  async ops(ops: Operation[], { config, headers }: { config?: object, headers?: Record<string, string> } = {}): Promise<OpsAnswer> {
    return this.request('/api/ops', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ config, ops }),
    })
  }

  #keep({ name, value, attributes }: SetCookie): void {
    const isOver = attributes['Max-Age'] === '0' || (typeof attributes.Expires === 'string' && Date.parse(attributes.Expires) <= Date.now())
    if (isOver) this.jar.delete(name)
    else this.jar.set(name, value)
    if (value.length >= 64) this.server.secrets?.add(value)
  }
}

/** One request of a new visitor. */
export function visit(server: Server, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Browser(server).request(path, { headers })
}

export function parseSetCookie(line: string): SetCookie {
  const [pair = '', ...rest] = line.split(';').map(part => part.trim())
  const at = pair.indexOf('=')
  const attributes = Object.fromEntries(rest.map((part) => {
    const [key, ...value] = part.split('=')
    return [key, value.length > 0 ? value.join('=') : true]
  }))
  return { name: pair.slice(0, at), value: pair.slice(at + 1), attributes }
}

/** Attributes of a session cookie in production, without lifetimes. */
export const DEFAULT_ATTRIBUTES = { Path: '/', HttpOnly: true, Secure: true, SameSite: 'Lax' } as const

/** Attributes of a cookie that removes a session. */
export const REMOVAL_ATTRIBUTES = { ...DEFAULT_ATTRIBUTES, 'Max-Age': '0', 'Expires': 'Thu, 01 Jan 1970 00:00:00 GMT' } as const

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  }
  catch {
    return text
  }
}
