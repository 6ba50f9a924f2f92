import { ref } from 'vue'

/** The present, to the second, for whatever counts down. */
export const now = ref(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1000)
