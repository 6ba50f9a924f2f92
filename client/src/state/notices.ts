import { shallowRef } from 'vue'
import { messageOf } from '../lib/errors'

/** `of`: the task that has failed. */
export interface Notice { text: string, isError: boolean, of?: string }

const SHOWN_MS = 5000

/** The result of the last action. */
export const notice = shallowRef<Notice>()

let timer: ReturnType<typeof setTimeout> | undefined

/** Shows and announces a message. An error stays until it is dismissed or replaced, or its task succeeds. */
export function notify(text: string, isError = false, of?: string): void {
  clearTimeout(timer)
  notice.value = { text, isError, of }
  if (!isError) timer = setTimeout(dismiss, SHOWN_MS)
}

export function dismiss(): void {
  notice.value = undefined
}

/** Runs a task of the developer and shows its error. A success removes the error of an earlier run. */
export async function attempt(of: string, task: () => void | Promise<void>): Promise<void> {
  try {
    await task()
    if (notice.value?.isError && notice.value.of === of) dismiss()
  }
  catch (error) {
    notify(messageOf(error), true, of)
  }
}
