import { shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import type { DataResponse, EventResponse } from '../../../src/devtools/protocol'
import { messageOf } from '../lib/errors'
import type { PanelEvent, PanelSession } from '../lib/state'
import { useApi } from './panel'

/** `error`: why it could not be fetched. */
export interface Fetched<T> { value: ShallowRef<T | undefined>, error: ShallowRef<string> }

/** The data of a session: from the list, or fetched if it is too large for the list. */
export function useSessionData(session: () => PanelSession | undefined): Fetched<DataResponse> {
  return useFetched(session, ({ data, flash, isCut, origin }) => {
    if (isCut) return undefined
    if (data) return { data, flash }
    return origin ? undefined : 'fetch'
  }, ({ key }) => useApi().data({ key }))
}

/** The data before and after an event. */
export function useEventData(event: () => PanelEvent): Fetched<EventResponse> {
  return useFetched(event, ({ hasData, data }) => data ?? (hasData ? 'fetch' : undefined), ({ seq }) => useApi().event({ seq }))
}

function useFetched<Item, T>(item: () => Item | undefined, known: (item: Item) => T | 'fetch' | undefined, fetch: (item: Item) => Promise<T>): Fetched<T> {
  const value = shallowRef<T>()
  const error = shallowRef('')
  watch(item, async (wanted) => {
    const found = wanted && known(wanted)
    error.value = ''
    if (found !== 'fetch') {
      value.value = found
      return
    }
    try {
      const fetched = await fetch(wanted!)
      if (item() === wanted) value.value = fetched
    }
    catch (failure) {
      if (item() === wanted) error.value = messageOf(failure)
    }
  }, { immediate: true })
  return { value, error }
}
