import { defineNitroPlugin } from 'nitropack/runtime'
import { checkAtStart } from '../boot-check'
import { installEnvironment } from '../environment'

export default defineNitroPlugin((nitroApp) => {
  installEnvironment(nitroApp)
  checkAtStart()
})
