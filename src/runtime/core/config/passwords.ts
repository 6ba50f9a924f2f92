import { isSet, toText } from './parse'
import { configInvalid, SessionError } from '../model/errors'

/** iron's minimum, in characters. */
export const MIN_PASSWORD_LENGTH = 32
/** A forged token costs one MAC for each password. */
export const MAX_PASSWORDS = 4

/** Returns the password as text, because the environment gives digits as a number. */
export function textOfEnvironment(password: string | string[] | undefined): string | string[] | undefined {
  return Array.isArray(password) ? password.map(toText) : toText(password)
}

/** Returns the environment variable for the password of a named session. */
export function variableOf(passwordVariable: string, name: string): string {
  const part = name.replace(/([a-z\d])([A-Z])/g, '$1_$2').replace(/[^a-z\d]+/gi, '_').toUpperCase()
  return passwordVariable.replace(/PASSWORD$/, `NAMED_${part}_PASSWORD`)
}

export function toPasswords(password: string | string[] | undefined, variable: string): readonly string[] {
  const list = [password ?? []].flat()
  if (!isSet(list[0])) {
    throw new SessionError('SESSION_PASSWORD_MISSING',
      `no password to seal sessions with. Set the environment variable ${variable} to a random text of at least ${MIN_PASSWORD_LENGTH} characters.`)
  }
  if (list.length > MAX_PASSWORDS)
    throw configInvalid(`password has ${list.length} entries, at most ${MAX_PASSWORDS} are tried. Remove the oldest.`)
  for (const entry of list) {
    if (typeof entry !== 'string') throw configInvalid('password must be a string or an array of strings.')
    if (entry.length < MIN_PASSWORD_LENGTH) {
      throw new SessionError('SESSION_PASSWORD_WEAK',
        `a password has ${entry.length} characters, at least ${MIN_PASSWORD_LENGTH} are needed. Set ${variable} to a longer random text.`)
    }
  }
  return list
}
