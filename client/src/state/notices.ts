import { shallowRef } from 'vue'

export interface Notice { text: string, isError: boolean }

const SHOWN_MS = 5000

/** The result of the last action. */
export const notice = shallowRef<Notice>()

let timer: ReturnType<typeof setTimeout> | undefined

/** Shows and announces a message. An error stays until it is dismissed. */
export function notify(text: string, isError = false): void {
  clearTimeout(timer)
  notice.value = { text, isError }
  if (!isError) timer = setTimeout(dismiss, SHOWN_MS)
}

export function dismiss(): void {
  notice.value = undefined
}
