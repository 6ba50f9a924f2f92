import { recordedApp } from './adapters/h3-v2/recorded-app'
import type { Nitro3App } from './adapters/nitro-v3/host'
import { recordSessions } from './server/devtools/recorder'

export default ({ h3, hooks }: Nitro3App): void => recordSessions({ ...recordedApp(h3), onClose: close => hooks.hook('close', close) })
