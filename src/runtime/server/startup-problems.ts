import { configInvalid, SessionError } from '../core/model/errors'

/** What is wrong with the options or the store of a session. The default session has no name. */
export function problemOf(name: string | undefined, error: unknown): SessionError {
  // For example a driver that cannot be created. The check must not stop the server.
  return error instanceof SessionError ? error : configInvalid(`the session${name ? ` "${name}"` : ''} cannot be opened: ${(error as Error).name}.`)
}

/** Logs each message once. Sessions often share a problem, such as a missing password. */
export function logProblems(problems: SessionError[]): void {
  for (const message of new Set(problems.map(({ message }) => message))) console.error(message)
}
