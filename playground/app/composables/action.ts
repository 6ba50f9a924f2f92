import { FetchError } from 'ofetch'

/** What a server route answered in place of success. */
export interface ActionError {
  status: number | undefined
  code: string | undefined
  message: string
}

/** Runs what a button does: one at a time, with the error to show. */
export function useAction() {
  const isBusy = ref(false)
  const error = shallowRef<ActionError>()

  async function run(action: () => Promise<unknown>) {
    if (isBusy.value) return
    isBusy.value = true
    error.value = undefined
    try {
      await action()
    }
    catch (reason) {
      error.value = toActionError(reason)
    }
    finally {
      isBusy.value = false
    }
  }

  return { isBusy, error, run }
}

function toActionError(reason: unknown): ActionError {
  if (!(reason instanceof FetchError)) throw reason
  return {
    status: reason.statusCode,
    code: reason.data?.data?.code,
    message: reason.data?.message ?? 'The server did not answer.',
  }
}
