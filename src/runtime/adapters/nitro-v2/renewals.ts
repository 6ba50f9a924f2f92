import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import type { Transport } from '../../core/session/transport'
import { confirmRenewals } from '../../core/session/state'
import { STATES } from '../h3-v1/transport'

/**
 * Confirms the sessions' renewals before Nitro sends a response or an error. This does not cover handlers that send their
 * own response, such as with `sendRedirect`.
 */
export function watchRenewals({ hooks, h3App }: NitroApp): void {
  const confirm = ({ context }: H3Event) => confirmRenewals(context[STATES as never] as Transport['states'] | undefined)
  const { onError } = h3App.options

  hooks.hook('beforeResponse', confirm)
  if (onError) h3App.options.onError = async (error, event) => {
    await confirm(event)
    return onError(error, event)
  }
}
