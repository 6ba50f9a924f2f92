import type { AnswerStatus } from '../shared/host'

const STATUS_TEXTS = {
  401: 'Unauthorized',
  403: 'Forbidden',
  405: 'Method Not Allowed',
  409: 'Conflict',
  503: 'Service Unavailable',
} satisfies Record<AnswerStatus | 409 | 503, string>

/** An error that h3 2 sends unchanged, because it has the name and status of h3's own. */
export class HttpAnswer extends Error {
  override readonly name = 'HTTPError'
  readonly status: keyof typeof STATUS_TEXTS
  readonly statusText: string
  readonly data: { code: string }
  headers: Headers | undefined

  constructor(status: keyof typeof STATUS_TEXTS, code: string, message: string) {
    super(message)
    this.status = status
    this.statusText = STATUS_TEXTS[status]
    this.data = { code }
    this.headers = undefined
  }

  /** The name in h3 1 and Nuxt. */
  get statusCode() {
    return this.status
  }

  toJSON() {
    const { status, statusText, message, data } = this
    return { status, statusText, message, data }
  }
}
