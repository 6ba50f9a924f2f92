import { FetchError } from 'ofetch'

/** The error response of a server route. */
export interface ActionError {
  status: number | undefined
  code: string | undefined
  message: string
}

/** Runs one button's action at a time, and provides its error to show. */
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
