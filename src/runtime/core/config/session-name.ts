import { configInvalid } from '../model/errors'
import { nearestOf } from './nearest'

/**
 * Refuses a name without options that is close to a configured one. Names may differ in digits, such as `cart1`.
 * @throws SESSION_CONFIG_INVALID
 */
export function assertSessionName(name: string, configured: readonly string[]): void {
  const letters = (text: string) => text.replaceAll(/\d/g, '')
  const nearest = configured.includes(name) ? undefined : nearestOf(name, configured)
  if (nearest !== undefined && letters(nearest) !== letters(name))
    throw configInvalid(`the session "${name}" has no options. Did you mean "${nearest}"? Otherwise add it to "named", if only as an empty object.`)
}
