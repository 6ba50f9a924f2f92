import { defineNitroPlugin } from 'nitropack/runtime'
import { recordSessions } from './server/devtools/recorder'

export default defineNitroPlugin(({ hooks }) => recordSessions({
  onRequest: begin => hooks.hook('request', (event) => {
    const end = begin(event)
    const { res } = event.node
    res.once('close', () => end({ status: res.headersSent ? res.statusCode : undefined }))
  }),
  onError: report => hooks.hook('error', (error, { event }) => {
    if (event) report(error, event)
  }),
  onClose: close => hooks.hook('close', close),
}))
