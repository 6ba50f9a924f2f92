import { getNuxtVersion } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'

/** Whether the server is Nitro 3, as from Nuxt 5 on. */
export function hasNitro3(nuxt: Nuxt): boolean {
  return Number.parseInt(getNuxtVersion(nuxt)) >= 5
}
