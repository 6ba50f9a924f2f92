import { refresh } from './panel'
import { notify } from './notices'
import { messageOf } from '../lib/errors'

let isBusy = false

/** Runs one action at a time, shows its result and fetches the state again. Resolves to whether it succeeded. */
export async function perform(task: () => Promise<void>, done: string): Promise<boolean> {
  if (isBusy) return false
  isBusy = true
  try {
    await task()
    notify(done)
    return true
  }
  catch (error) {
    notify(messageOf(error), true)
    return false
  }
  finally {
    isBusy = false
    void refresh()
  }
}
