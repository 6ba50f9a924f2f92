import { joinChunks } from '../../cookie/cookies'
import type { ResolvedConfig } from '../../config/types'
import type { DeviceContext } from '../../device/context'
import type { DeviceStep } from '../../device/instructions'
import type { SessionEnvironment, StorePersistence } from '../context'
import type { Transport } from '../transport'

/** A request of a browser to register a key, or to renew its proof. */
export interface DeviceRequest extends Pick<DeviceContext, 'verify' | 'attempts'> {
  step: DeviceStep
  env: SessionEnvironment
  transport: Transport
  config: ResolvedConfig
  persistence: StorePersistence
  isOwnAudience: (audience: string) => boolean
  /** Of the session in the browser. */
  identifier: string
  /** The session of the URL, as `sealName` names it. */
  named?: string
}

/** The session's token in the cookie, if it is not empty. */
export function cookieOf({ config, transport }: DeviceRequest): string | undefined {
  return joinChunks(config.name, transport.requestCookies()) || undefined
}
