import { defineNitroPlugin } from 'nitropack/runtime'
import { recordedApp } from './adapters/nitro-v2/recorded-app'
import { recordSessions } from './server/devtools/recorder'

export default defineNitroPlugin(app => recordSessions(recordedApp(app)))
