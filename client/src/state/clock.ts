import { ref } from 'vue'
import { isShown } from './visibility'

/** The current time, updated every second while the panel is shown, for countdowns. */
export const now = ref(Date.now())

setInterval(() => {
  if (isShown()) now.value = Date.now()
}, 1000)
