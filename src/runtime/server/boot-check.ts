import { CONFIG_DEFAULTS, resolveConfig } from '../core/config'
import { isSet } from '../core/config-values'
import { SessionError } from '../core/errors'
import type { SessionRuntimeConfig } from '../core/types'
import { hasEnvironmentAtStart, passwordVariable, sessionRuntimeConfig } from './runtime-config'

/**
 * Says at start-up what would fail at the first request. Only what makes sessions forgeable, or two modules
 * work against each other, stops the server.
 *
 * @throws SESSION_PASSWORD_WEAK, and SESSION_CONFIG_INVALID for what nuxt-auth-utils cannot share
 */
export function checkAtStart(): void {
  if (import.meta.prerender) return
  const runtime = sessionRuntimeConfig()
  assertSharable(runtime)
  const names = new Set([undefined, ...Object.keys(runtime?.named ?? {})])
  const messages = new Set<string>()
  for (const name of names) {
    const error = problemOf(name, runtime)
    if (error?.code === 'SESSION_PASSWORD_WEAK') throw error
    if (error && !isUnknownYet(error)) messages.add(error.message)
  }
  for (const message of messages) console.error(message)
}

function problemOf(name: string | undefined, runtime: SessionRuntimeConfig | undefined): SessionError | undefined {
  try {
    resolveConfig({ name }, runtime, { passwordVariable: passwordVariable() })
    return undefined
  }
  catch (error) {
    if (error instanceof SessionError) return error
    throw error
  }
}

function isUnknownYet(error: SessionError): boolean {
  return error.code === 'SESSION_PASSWORD_MISSING' && !hasEnvironmentAtStart()
}

function assertSharable(runtime: SessionRuntimeConfig | undefined): void {
  if (!runtime?.sharedWith) return
  const cannot = unsharable(runtime)
  if (!cannot) return
  throw new SessionError('SESSION_CONFIG_INVALID',
    `${runtime.sharedWith} reads the session "${runtime.name}" too, and its h3 cannot read ${cannot}. Give our sessions a name of their own: session: { named: { app: { … } } } and useSession(event, { name: 'app' }).`)
}

function unsharable({ password, storage, cookie }: SessionRuntimeConfig): string | undefined {
  if (Array.isArray(password)) return 'several passwords'
  if (isSet(storage)) return 'a store'
  const chunkMaxLength = cookie ? cookie.chunkMaxLength : undefined
  return isSet(chunkMaxLength) && chunkMaxLength !== CONFIG_DEFAULTS.cookie.chunkMaxLength ? 'chunks' : undefined
}
