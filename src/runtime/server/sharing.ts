import { CONFIG_DEFAULTS } from '../core/config/resolve'
import { isSet } from '../core/config/parse'
import { configInvalid } from '../core/model/errors'
import type { SessionHost } from '../adapters/shared/host'
import type { ServerEnvironment } from './environment'
import type { SessionRuntimeConfig } from '../core/model/types'

interface SharedServer extends Pick<ServerEnvironment, 'warnOnce'> {
  host: Pick<SessionHost, 'isPrerendering' | 'isDevelopment' | 'sessionConfig'>
}

/** Warns when the server starts. @throws SESSION_CONFIG_INVALID if the other module's h3 cannot read the session */
export function checkSharing({ host, warnOnce }: SharedServer): void {
  if (host.isPrerendering) return
  const runtime = host.sessionConfig()
  assertSharable(runtime)
  // In development, the build logs this warning.
  const warning = host.isDevelopment ? undefined : sharingWarning(runtime)
  if (warning) warnOnce(warning)
}

/** @throws SESSION_CONFIG_INVALID if another module shares the session, and its h3 cannot read it */
function assertSharable(runtime: SessionRuntimeConfig | undefined): void {
  if (!runtime?.sharedWith) return
  if (hasPresetOfEnvironment(runtime))
    throw configInvalid(`the environment sets the preset "strict" for the session "${runtime.name}", whose lifetimes ${runtime.sharedWith} would not know. Write session: { preset: 'strict' } in nuxt.config, which sets them for both. Or give this module a session of its own: session: { name: 'app' } in nuxt.config, whose preset the environment can set.`)
  const cannot = unsharable(runtime)
  if (!cannot) return
  throw configInvalid(`${runtime.sharedWith} reads the session "${runtime.name}", and its h3 cannot read ${cannot}. Give this module a session of its own: session: { name: 'app' } in nuxt.config, and set it there, or by NUXT_SESSION_NAMED_APP_….`)
}

export function sharingWarning(runtime: SessionRuntimeConfig | undefined): string | undefined {
  if (!runtime?.sharedWith || hasOwnSession(runtime)) return undefined
  return `${runtime.sharedWith} reads the same session "${runtime.name}", and sends the browser its id and all of its data but "secure": every page that it serves and /api/_auth/session show what your routes write, and clientKeys does not hold there. Keep private data below "secure". Or give this module a session of its own, which nobody is logged in to yet: session: { name: 'app' } in nuxt.config.`
}

/** The environment may give both the same name. */
function hasOwnSession({ ownName, name }: SessionRuntimeConfig): boolean {
  return isSet(ownName) && ownName !== name
}

/** The build writes the options of a preset as values, which h3 needs. `sessionHeader` is one that is not declared. */
function hasPresetOfEnvironment(runtime: SessionRuntimeConfig): boolean {
  return runtime.preset === 'strict' && !hasOwnSession(runtime) && !isSet(runtime.sessionHeader)
}

function unsharable(runtime: SessionRuntimeConfig): string | undefined {
  const { password, storage, cookie } = runtime
  if (Array.isArray(password)) return 'several passwords'
  // The other options apply only to this module's own session.
  if (hasOwnSession(runtime)) return undefined
  if (isSet(storage)) return 'a store'
  const chunkMaxLength = cookie ? cookie.chunkMaxLength : undefined
  return isSet(chunkMaxLength) && chunkMaxLength !== CONFIG_DEFAULTS.cookie.chunkMaxLength ? 'chunks' : undefined
}
