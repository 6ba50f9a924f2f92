import { ref } from 'vue'

/** The current time, updated every second, for countdowns. */
export const now = ref(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1000)
