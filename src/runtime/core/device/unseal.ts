import type { ResolvedConfig } from '../config/types'
import { OverloadError } from '../seal/keys'
import { unsealToken } from '../seal/seal'
import type { UnsealResult } from '../seal/seal'

/** Opens a text that this app has sealed for the endpoint. @throws OverloadError if it was not checked, since a binding must not end for that */
export async function unsealDeviceText(text: string, config: ResolvedConfig, now: number): Promise<UnsealResult> {
  const opened = await unsealToken(text, config, now)
  if (!opened.ok && opened.reason === 'overloaded') throw new OverloadError('The text was not checked.')
  return opened
}
