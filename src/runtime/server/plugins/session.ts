import { defineNitroPlugin } from 'nitropack/runtime'
import { checkAtStart } from '../boot-check'
import { installEnvironment } from '../environment'
import { startSweep } from '../sweep'

export default defineNitroPlugin((nitroApp) => {
  const env = installEnvironment(nitroApp)
  checkAtStart(env)
  startSweep(nitroApp, env)
})
