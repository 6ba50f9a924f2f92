import { defineNuxtPlugin } from '#app/nuxt'
import { openRenderedSession } from '../rendered-session'

export default defineNuxtPlugin({
  name: 'nuxt-h3-session',
  enforce: 'pre',
  // Not `async`: the build would transform it with a helper that no app outside this repository can resolve.
  setup(nuxtApp): Promise<void> | undefined {
    // Set by the build; see build/client.ts.
    if (!(import.meta as { isSessionUnused?: boolean }).isSessionUnused) return openRenderedSession(nuxtApp).then(() => undefined)
  },
})
