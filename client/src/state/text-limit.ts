import type { Ref } from 'vue'
import { MAX_BODY_BYTES, tooLong } from '../../../src/devtools/body-limit'
import { notify } from './notices'

/**
 * Listeners of a field for its text. They refuse what would make it longer than can be sent, because the field would need
 * seconds to lay it out: typed, pasted, dropped, or set by a tool. `of`: as of a notice.
 */
export function limitText(text: Ref<string>, of: string, isAllowed: (text: string) => boolean = () => false) {
  function isRefused(next: string, before: string): boolean {
    if (next.length <= MAX_BODY_BYTES || next.length <= before.length || isAllowed(next)) return false
    notify(tooLong(new TextEncoder().encode(next).length, of), true, of)
    return true
  }

  return {
    /** Also before a text is pasted or dropped. */
    beforeinput(event: InputEvent) {
      const { value, selectionStart, selectionEnd } = event.target as HTMLTextAreaElement
      const next = value.slice(0, selectionStart) + (event.data ?? '') + value.slice(selectionEnd)
      if (isRefused(next, value)) event.preventDefault()
    },
    /** Scripts send only this event. */
    input({ target }: Event) {
      const field = target as HTMLTextAreaElement
      if (isRefused(field.value, text.value)) field.value = text.value
      else text.value = field.value
    },
  }
}
