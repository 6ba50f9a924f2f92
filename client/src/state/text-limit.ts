import type { Ref } from 'vue'
import { MAX_BODY_BYTES, tooLong } from '../../../src/devtools/body-limit'
import { notify } from './notices'

/**
 * Listeners of a field for its text. They refuse an added text that could not be sent, because the field would need
 * seconds to lay it out: pasted, dropped, or set by a tool. `of`: as of a notice.
 */
export function limitText(text: Ref<string>, of: string, isAllowed: (text: string) => boolean = () => false) {
  function isRefused(added: string, length = added.length): boolean {
    if (length <= MAX_BODY_BYTES || isAllowed(added)) return false
    notify(tooLong(new TextEncoder().encode(added).length), true, of)
    return true
  }

  return {
    /** Also before a text is pasted or dropped. */
    beforeinput(event: InputEvent) {
      if (isRefused(event.data ?? '')) event.preventDefault()
    },
    /** Scripts send only this event. */
    input({ target }: Event) {
      const field = target as HTMLTextAreaElement
      if (isRefused(field.value, field.value.length - text.value.length)) field.value = text.value
      else text.value = field.value
    },
  }
}
