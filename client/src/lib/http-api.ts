import { MAX_BODY_BYTES, tooLong } from '../../../src/devtools/body-limit'
import { TOKEN_HEADER } from '../../../src/devtools/protocol'
import type { AccessResponse, ErrorResponse } from '../../../src/devtools/protocol'
import type { PanelApi } from './panel-api'
import { messageOf } from './errors'
import { appUrl } from './export'

/** Thrown if DevTools gives no access. */
export class AccessError extends Error {
  override name = 'AccessError'
}

/** Thrown if the server does not answer. */
export class UnansweredError extends Error {
  override name = 'UnansweredError'
}

/** Thrown if the server answers with an error. */
export class ApiError extends Error {
  override name = 'ApiError'
  constructor(message: string, readonly status: number) {
    super(message)
  }
}

export interface HttpApiOptions {
  /** Asks DevTools for the token and the API's path. */
  access: () => Promise<AccessResponse>
  origin: string
  fetch: (input: string, init: RequestInit) => Promise<Response>
}

/** The panel's API over HTTP. If a request's token is rejected, a new one is requested once. */
export function createHttpApi({ access, origin, fetch }: HttpApiOptions): PanelApi {
  let granted: Promise<AccessResponse> | undefined

  function grant(): Promise<AccessResponse> {
    granted ??= access().catch((error: unknown) => {
      granted = undefined
      throw new AccessError(messageOf(error), { cause: error })
    })
    return granted
  }

  async function send(operation: string, body: string | undefined, isRetry: boolean): Promise<Response> {
    const used = grant()
    const { token, api } = await used
    const response = await answered(fetch(`${api}/${operation}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { [TOKEN_HEADER]: token, ...body !== undefined && { 'content-type': 'application/json' } },
      body,
      cache: 'no-store',
      credentials: 'same-origin',
    }))
    if (response.status !== 401 || isRetry) return response
    if (granted === used) granted = undefined
    return send(operation, body, true)
  }

  async function call<T>(operation: string, body?: object): Promise<T> {
    const response = await send(operation, body && toBody(body, operation), false)
    const text = await answered(response.text())
    if (!response.ok) throw new ApiError(errorText(text, response.status), response.status)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  return {
    appUrl: async () => appUrl((await grant()).api, origin),
    state: since => call(since === undefined ? 'state' : `state?since=${encodeURIComponent(since)}`),
    data: request => call('data', request),
    event: request => call('event', request),
    options: () => call('options', {}),
    forget: () => call('forget', {}),
    open: request => call('open', request),
    edit: request => call('edit', request),
    restore: request => call('restore', request),
    regenerate: request => call('regenerate', request),
    expire: request => call('expire', request),
    clear: request => call('clear', request),
    revoke: request => call('revoke', request),
    create: request => call('create', request),
    reveal: request => call('reveal', request),
    unseal: request => call('unseal', request),
    async redeem(link) {
      // The redirect to the app is not followed: this response already sets the cookie.
      const response = await fetch(link, { credentials: 'same-origin', cache: 'no-store', redirect: 'manual' })
      if (!response.ok && response.type !== 'opaqueredirect') throw new ApiError(errorText(await response.text(), response.status), response.status)
    },
  }
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  }
  catch (cause) {
    throw new UnansweredError('The development server does not answer.', { cause })
  }
}

/** @throws if the server would not take it: sending a text of megabytes takes seconds */
function toBody(body: object, operation: string): string {
  const json = JSON.stringify(body)
  const { length } = new TextEncoder().encode(json)
  if (length > MAX_BODY_BYTES) throw new Error(tooLong(length, operation))
  return json
}

function errorText(text: string, status: number): string {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorResponse>
    if (typeof error === 'string') return error
  }
  catch {
    // The response is not ours: a proxy or Vite answered.
  }
  return `The development server answered with status ${status}.`
}
