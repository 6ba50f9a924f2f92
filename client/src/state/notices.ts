import { shallowRef } from 'vue'

export interface Notice { text: string, isError: boolean }

const SHOWN_FOR = 5000

/** The outcome of the last action. */
export const notice = shallowRef<Notice>()

let timer: ReturnType<typeof setTimeout> | undefined

/** Shows and announces a message; an error stays until it is dismissed. */
export function notify(text: string, isError = false): void {
  clearTimeout(timer)
  notice.value = { text, isError }
  if (!isError) timer = setTimeout(dismiss, SHOWN_FOR)
}

export function dismiss(): void {
  notice.value = undefined
}
